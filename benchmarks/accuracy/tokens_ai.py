"""Tokens of AI providers and data tools."""

from __future__ import annotations

from benchmarks.accuracy.draw import ALNUM, HEX, LETTERS, LOWER_NUM, URLSAFE
from benchmarks.accuracy.kinds import template

KINDS = (
    template("openai-project", "sk-proj-", (URLSAFE, 74), "T3BlbkFJ", (URLSAFE, 73), (ALNUM, 1)),
    template("openai-service-account", "sk-svcacct-", (URLSAFE, 74), "T3BlbkFJ", (URLSAFE, 73), (ALNUM, 1)),
    template("openai-admin", "sk-admin-", (URLSAFE, 58), "T3BlbkFJ", (URLSAFE, 57), (ALNUM, 1)),
    template("openai-legacy", "sk-", (ALNUM, 20), "T3BlbkFJ", (ALNUM, 20)),
    template("anthropic-api", "sk-ant-api03-", (URLSAFE, 93), "AA"),
    template("anthropic-admin", "sk-ant-admin01-", (URLSAFE, 93), "AA"),
    template("huggingface", "hf_", (LETTERS, 34)),
    template("huggingface-org", "api_org_", (LETTERS, 34)),
    template("replicate", "r8_", (ALNUM, 37)),
    template("groq", "gsk_", (ALNUM, 52)),
    template("perplexity", "pplx-", (ALNUM, 48)),
    template("xai", "xai-", (ALNUM, 80)),
    template("deepseek", "sk-", (HEX, 32)),
    template("openrouter", "sk-or-v1-", (HEX, 64)),
    template("cerebras", "csk-", (LOWER_NUM, 48)),
    template("nvidia", "nvapi-", (URLSAFE, 63), (ALNUM, 1)),
    template("langsmith-personal", "lsv2_pt_", (HEX, 32), "_", (HEX, 10)),
    template("langsmith-service", "lsv2_sk_", (HEX, 32), "_", (HEX, 10)),
    template("llamaindex", "llx-", (ALNUM, 48)),
    template("jina", "jina_", (HEX, 32), (ALNUM, 28)),
    template("tavily", "tvly-", (ALNUM, 32)),
    template("firecrawl", "fc-", (HEX, 32)),
    template("pinecone", "pcsk_", (ALNUM, 5), "_", (ALNUM, 63)),
    template("together", "tgp_v1_", (URLSAFE, 42), (ALNUM, 1)),
    template("fireworks", "fw_", (ALNUM, 24)),
    template("voyage", "pa-", (URLSAFE, 42), (ALNUM, 1)),
    template("wandb-v1", "wandb_v1_", (ALNUM, 27), "_", (ALNUM, 49)),
    template("apify", "apify_api_", (ALNUM, 36)),
    template("friendli", "flp_", (ALNUM, 46)),
    template("gemini-new", "AQ.Ab8RN6", (URLSAFE, 43), (ALNUM, 1)),
    template("brave-search", "BSA", (URLSAFE, 27), (ALNUM, 1)),
)
