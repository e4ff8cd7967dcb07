# What is in it: `make sbom`, from the same lock.
# The environment is built in one stage and copied to the next, which has no build tools and does not run as root.
FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements/tools.lock requirements/runtime.lock requirements/
RUN python -m pip install --no-cache-dir --require-hashes --no-deps -r requirements/tools.lock \
    && python -m venv --without-pip /opt/callboard \
    && uv pip sync --no-cache --compile-bytecode --python /opt/callboard/bin/python \
        --require-hashes requirements/runtime.lock
COPY pyproject.toml ./
COPY src/ src/
RUN python -m pip wheel --no-build-isolation --no-deps --wheel-dir dist . \
    && uv pip install --no-cache --compile-bytecode --python /opt/callboard/bin/python --offline --no-deps dist/*.whl

FROM python:3.13-slim
RUN apt-get update && apt-get install --yes --no-install-recommends git openssh-client postgresql-client && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --user-group --home-dir /data --create-home callboard
COPY --from=build /opt/callboard /opt/callboard
ENV PATH="/opt/callboard/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    DATABASE_URL=sqlite:////data/callboard.db \
    PORT=3000
USER callboard
WORKDIR /data
VOLUME /data
EXPOSE 3000
# /healthz, not /readyz: a restart does not cure a database that is away.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", "\
import http.client, os, sys; \
connection = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=4); \
connection.request('GET', '/healthz'); \
sys.exit(connection.getresponse().status != 200)"]
CMD ["callboard", "serve"]
