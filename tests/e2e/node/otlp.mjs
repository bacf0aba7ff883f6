// Logs through the OpenTelemetry SDK for Node, whose HTTP exporter writes JSON: node otlp.mjs URL SECRET COUNT
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";

const [url, secret, count, compression] = process.argv.slice(2);
const exporter = new OTLPLogExporter({ url: `${url}/v1/logs`, compression });
const provider = new LoggerProvider({
  resource: resourceFromAttributes({ "service.name": "shop", "db.password": secret }),
  processors: [new BatchLogRecordProcessor({ exporter })],
});
const logger = provider.getLogger("shop");
for (let number = 0; number < count; number++) {
  logger.emit({
    severityText: "WARN",
    body: number % 10 ? `order ${number} is on its way` : `login password=${secret}`,
    attributes: number % 10
      ? { order: number, "http.route": "/orders" }
      : { order: number, api_key: secret, headers: { authorization: `Bearer ${secret}` } },
  });
}
await provider.forceFlush();
await provider.shutdown();
