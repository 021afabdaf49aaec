# shellcheck shell=bash
# shellcheck disable=SC2154 # work, why and why_docker are those of the script that sources this
# What starts the program, what ends it and what tells whether it does its work, as podman and Docker read it. Sourced by
# run, when both have been tried.

health='(images.redis.override { args = [ "--port" "7000" ]; stopSignal = "SIGINT"; healthcheck = {
    test = [ "/bin/redis-cli" "-p" "7001" "ping" ]; interval = "30s"; retries = 2; }; }).oci'
if expression "$health" --out-link "$work/health" >"$work/log" 2>&1; then
    health=$(readlink "$work/health")
    asked='["CMD","/bin/redis-cli","-p","7001","ping"]'
    if [ -z "$why" ]; then
        # probe_port PORT: whether redis answers there.
        probe_port() { eventually +PONG ask "$1" 'PING\r\nQUIT\r\n'; }
        if serve "$health" 2>"$work/log"; then
            check 'args are what the program gets' probe_port 7000
            equal 'podman stops it by its signal' SIGINT "$(pod inspect --format '{{.Config.StopSignal}}' "$container" |
                sed 's/^2$/SIGINT/')"
            end
        else
            fail 'args are what the program gets'
        fi
        serve "$health" -- --port 7001 2>"$work/log"
        check 'arguments of the user are in their place' probe_port 7001
        end
        # Of Docker's format podman reads it.
        tar -C "$health" -cf "$work/health.tar" .
        pod pull --quiet "docker-archive:$work/health.tar" >"$work/log" 2>&1
        equal 'podman reads the health check of an image of Docker' "$asked 30000000000" \
            "$(pod image inspect --format '{{json .HealthCheck.Test}} {{json .HealthCheck.Interval}}' "redis:$(tag "$health")" |
                sed 's/"30s"/30000000000/')"
        told=$(nix-store --read-log "$health" | sed -n 's/.*healthcheck: .*, give the runtime \(.*\) to podman/\1/p')
        options=()
        eval "options=($told)"
        if serve "$health" "${options[@]}" -- --port 7001 2>"$work/log"; then
            probe_port 7001 >/dev/null
            check 'podman takes the arguments that the log tells' pod healthcheck run "$container"
            end
            serve "$health" "${options[@]}" -- --port 7002 2>"$work/log"
            probe_port 7002 >/dev/null
            if pod healthcheck run "$container" >"$work/log" 2>&1; then
                fail 'a program that does not answer is unhealthy'
            else
                pass 'a program that does not answer is unhealthy'
            fi
            end
        else
            fail 'podman takes the arguments that the log tells' "$told"
        fi
    fi
    if [ -z "$why_docker" ]; then
        tar -C "$health" -hc . | dock load >/dev/null
        equal 'docker reads the health check' "$asked 30000000000 2 SIGINT" \
            "$(dock image inspect --format '{{json .Config.Healthcheck.Test}} {{json .Config.Healthcheck.Interval}} {{.Config.Healthcheck.Retries}} {{.Config.StopSignal}}' \
                "redis:$(tag "$health")")"
    fi
else
    fail 'an image with a health check is built' "$(cat "$work/log")"
fi
