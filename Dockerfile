# What is in it: `make sbom`, from the same lock.
# The environment is built in one stage and copied to the next, which has no build tools and does not run as root.
# Debian is named, since its pg_dump must not be older than the PostgreSQL of deploy/compose.
FROM python:3.13-slim-trixie AS build
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

FROM python:3.13-slim-trixie
RUN apt-get update && apt-get install --yes --no-install-recommends git openssh-client postgresql-client tini && rm -rf /var/lib/apt/lists/*
# Its folder belongs to group 0 too, since some clusters run a container as any user of that group.
RUN groupadd --gid 10001 callboard \
    && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin callboard \
    && install -d -o 10001 -g 0 -m 0770 /data
COPY --from=build /opt/callboard /opt/callboard
# No setting is here: it would go before a secret of that name. Without DATABASE_URL there is a SQLite file in /data.
ENV PATH="/opt/callboard/bin:$PATH" \
    HOME=/data \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 3000
# /healthz, not /readyz: a restart does not cure a database that is away.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", "\
import http.client, os, sys; \
connection = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('PORT') or 3000), timeout=4); \
connection.request('GET', '/healthz'); \
sys.exit(connection.getresponse().status != 200)"]
# The first process has to bury what git leaves behind.
ENTRYPOINT ["tini", "--"]
CMD ["callboard", "serve"]
