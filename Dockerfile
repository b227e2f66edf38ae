# syntax=docker/dockerfile:1
# SPDX-License-Identifier: Apache-2.0
#
# docker build --build-arg REVISION="$(git rev-parse HEAD)" --build-arg SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)" -t product-service .
#
# The same binary and SOURCE_DATE_EPOCH give the same files (with buildx: --output type=docker,rewrite-timestamp=true). For the
# same binary keep Package.resolved, which is copied where there is one, and name the base by its digest.

ARG SWIFT_VERSION=6.3

FROM swift:${SWIFT_VERSION}-bookworm AS build
WORKDIR /source

# The newest of each: a build takes over what was mended in them.
# hadolint ignore=DL3008
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
    && apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libhiredis-dev libpq-dev libsqlite3-dev zlib1g-dev

# With what the tests ran with, where they have run.
COPY Package.swift Package.resolve[d] ./
COPY Sources Sources
COPY Tests Tests
RUN --mount=type=cache,target=/source/.build,sharing=locked --mount=type=cache,target=/swiftpm,sharing=locked \
    set -- swift build --cache-path /swiftpm -c release --static-swift-stdlib -Xswiftc -enforce-exclusivity=unchecked \
    && "$@" --product product-service \
    && cp "$("$@" --show-bin-path)/product-service" /product-service

COPY deploy/image/assemble-root deploy/image/assemble-root
ARG SOURCE_DATE_EPOCH=0
RUN deploy/image/assemble-root /product-service /image

# Nothing but the binary and the shared libraries that it loads: see deploy/image/assemble-root.
FROM scratch
COPY --from=build /image /
COPY --from=build --chown=65532:65532 /image/data /data

ARG REVISION=unknown
ARG VERSION=1.0.0
LABEL org.opencontainers.image.title="product-service" \
      org.opencontainers.image.description="A product catalogue over HTTP" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/swift-microservices/swift-microservices" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# All addresses of the container; probes and metrics apart from the API. The rest is docs/configuration.md. A crash
# writes what called what to the log, and nothing that was in memory.
ENV HTTP_HOST=0.0.0.0 \
    HTTP_PORT=8080 \
    ADMIN_PORT=9090 \
    DATABASE_URL=sqlite:/data/products.db \
    BUILD_REVISION="${REVISION}" \
    SWIFT_BACKTRACE="enable=yes,color=no,interactive=no,threads=crashed,images=none,registers=none,swift-backtrace=/usr/libexec/swift-backtrace"

USER 65532:65532
WORKDIR /data
VOLUME /data
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=4s --start-period=30s --retries=3 CMD ["/usr/local/bin/product-service", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/product-service"]
CMD ["serve"]
