// Logs through a Loki client: node loki.mjs winston|winston-json|pino URL SECRET COUNT
import pino from "pino";
import winston from "winston";
import LokiTransport from "winston-loki";

const [client, host, secret, count] = process.argv.slice(2);

function message(number) {
  return number % 10 ? `order ${number} is on its way` : `order ${number} login password=${secret}`;
}

if (client === "pino") {
  const transport = pino.transport({
    target: "pino-loki",
    options: { host, batching: { interval: 1 }, labels: { app: "shop" } },
  });
  const logger = pino(transport);
  for (let number = 0; number < count; number++) {
    logger.info({ order: number, ...(number % 10 ? {} : { api_key: secret }) }, message(number));
  }
  // its worker alone does not keep the process until all is sent
  const waiting = setInterval(() => {}, 1000);
  transport.on("close", () => clearInterval(waiting));
  transport.end();
} else {
  const transport = new LokiTransport({
    host,
    labels: { app: "shop" },
    json: client === "winston-json",
    interval: 1,
    useWinstonMetaAsLabels: false,
    onConnectionError: (error) => console.error(String(error)),
  });
  const logger = winston.createLogger({ transports: [transport] });
  for (let number = 0; number < count; number++) {
    logger.info(message(number), number % 10 ? { order: number } : { order: number, api_key: secret });
  }
  await transport.flush();
  process.exit(0);
}
