# One image for both roles, built around target/fermata.jar:
#
#   ./mvnw -B -ntp package && docker build -t fermata .        (or: buildah build -t fermata .)
#
# BASE is any image with a JRE 25 on its PATH. Nothing here needs a shell: a distroless one will do.
ARG BASE=eclipse-temurin:25-jre

# The jar, taken apart by how often its parts change.
FROM ${BASE} AS layers
WORKDIR /state
COPY target/fermata.jar /fermata.jar
RUN ["java", "-Djarmode=tools", "-jar", "/fermata.jar", \
     "extract", "--layers", "--destination", "/layers"]

# What the class loader and linker do at every start is done once, here. The cache holds for exactly
# this JVM, these jars and these paths; with any other the JVM says so and starts without it.
FROM ${BASE} AS training
COPY --from=layers \
     /layers/dependencies/ /layers/snapshot-dependencies/ /layers/application/ /opt/fermata/
WORKDIR /training
# The orchestrator uses nearly all that the agent does. It ends once its context is refreshed.
RUN ["java", "-XX:AOTCacheOutput=/opt/fermata/fermata.aot", "-XX:+UseG1GC", "-Xlog:aot=error", \
     "-Dspring.context.exit=onRefresh", \
     "-jar", "/opt/fermata/fermata.jar", "orchestrator", "--fermata.demo.enabled=false"]

FROM ${BASE}
ARG VERSION=0.1.0-SNAPSHOT
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Fermata" \
      org.opencontainers.image.description="Moves sets of VFIO devices between hosts" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# Kept by itself, so that a new version of the application moves about a megabyte and the cache.
COPY --from=layers /layers/dependencies/ /opt/fermata/
COPY --from=layers /layers/snapshot-dependencies/ /opt/fermata/
COPY --from=layers /layers/application/ /opt/fermata/
COPY --from=training /opt/fermata/fermata.aot /opt/fermata/

# All that is written: the journal or the slate here, and /tmp, which must allow execution (the native
# libraries of SQLite, TLS and compression are unpacked there; docker's `--tmpfs /tmp` needs `:exec`).
# The rest can be read-only.
COPY --from=layers --chown=10001:10001 /state/ /var/lib/fermata/
WORKDIR /var/lib/fermata
VOLUME /var/lib/fermata

# Nobody in particular. An agent on a host whose device files are root's is run as --user 0.
USER 10001:10001
EXPOSE 8080 8090 8091

# G1 whatever the machine, since the cache was made for it. No HEALTHCHECK: it would need a client
# in the image. Ask /livez and /readyz at the port of the role.
ENTRYPOINT ["java", "-XX:AOTCache=/opt/fermata/fermata.aot", "-XX:+UseG1GC", \
            "-XX:MaxRAMPercentage=60", "-XX:+ExitOnOutOfMemoryError", \
            "-jar", "/opt/fermata/fermata.jar"]
# Beyond the container's loopback it listens with certificates and an issuer only, or, for a trial,
# with -e FERMATA_INSECURE_BIND=true; else it says what is missing and ends.
# As arguments, not as variables: whoever names a role and its settings replaces all of these.
CMD ["orchestrator", "--server.address=0.0.0.0"]
