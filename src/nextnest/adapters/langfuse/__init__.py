"""Langfuse over HTTP: shipping of traces, managed prompts, datasets. No SDK: docs/model.md says why."""
