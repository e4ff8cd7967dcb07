"""Spans for OpenTelemetry: sent by OTLP over HTTP when `OTEL_EXPORTER_OTLP_ENDPOINT` says where to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.metadata import version

from callboard.core.errors import Refused

try:
    from opentelemetry import trace as api
    from opentelemetry.context import Context
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
except ImportError as error:
    raise Refused(
        "OTEL_EXPORTER_OTLP_ENDPOINT is set, and the extra `tracing` is not installed: pip install "
        "'callboard[tracing]', or unset it."
    ) from error

FIRST: ContextVar[int] = ContextVar("first", default=0)
"""The trace whose first span is being made: both have the same number, so that every process knows the first span."""


class Ids(RandomIdGenerator):
    """Numbers traces as the logs do, with zeros before."""

    def generate_trace_id(self) -> int:
        return FIRST.get() or super().generate_trace_id()

    def generate_span_id(self) -> int:
        return FIRST.get() or super().generate_span_id()


class Collector:
    """Hands spans to a collector, from a thread of its own."""

    def __init__(self, endpoint: str) -> None:
        resource = Resource.create({"service.name": "callboard", "service.version": version("callboard")})
        self._provider = TracerProvider(id_generator=Ids(), resource=resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("callboard")

    @contextmanager
    def span(self, name: str, trace: str, about: dict[str, str], *, first: bool) -> Iterator[None]:
        """A span under the one that surrounds it, or else under the first of its trace. What is raised is named."""
        number = int(trace, 16)
        FIRST.set(number if first else 0)
        surrounding = api.get_current_span().get_span_context()
        parent = None if surrounding.trace_id == number else _under(number)
        with self._tracer.start_as_current_span(
            name, api.set_span_in_context(api.INVALID_SPAN) if first else parent,
            attributes=about, record_exception=False, set_status_on_exception=False,
        ) as span:  # fmt: skip
            FIRST.set(0)
            try:
                yield
            except BaseException as error:
                span.set_status(api.Status(api.StatusCode.ERROR, type(error).__name__))
                raise

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


def _under(number: int) -> Context:
    """As if the first span of a trace, which another process may have made, surrounded what follows."""
    first = api.SpanContext(number, number, is_remote=True, trace_flags=api.TraceFlags(api.TraceFlags.SAMPLED))
    return api.set_span_in_context(api.NonRecordingSpan(first))
