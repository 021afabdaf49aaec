# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # who sources this reads why_server; work is common.sh's
# A web server for https://example.com, on the loopback of a network of its own. Sourced after common.sh.

# serve DIRECTORY PATH: shows the directory at https://example.com/PATH; why_server says why it could not.
server=''
serve() {
    local try
    end_server
    if ! command -v nginx >/dev/null || ! command -v openssl >/dev/null || ! command -v ip >/dev/null; then
        why_server='nginx, openssl or ip is not on PATH'
        return 1
    fi
    [ -e "$work/tls.pem" ] || openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=example.com \
        -addext subjectAltName=DNS:example.com -keyout "$work/tls.key" -out "$work/tls.pem" 2>/dev/null
    echo '127.0.0.1 example.com localhost' >"$work/hosts"
    rm -rf "$work/nginx/root"
    mkdir -p "$work/nginx/root"
    ln -s "$1" "$work/nginx/root/$2"
    # The workers of nginx are not root.
    chmod a+rx "$work" "$work/nginx" "$work/nginx/root"
    cat >"$work/nginx.conf" <<END
daemon off;
pid $work/nginx/pid;
error_log $work/nginx/error.log;
events { }
http {
    access_log $work/nginx/access.log;
    types { text/html html; application/json json; }
    default_type application/octet-stream;
    client_body_temp_path $work/nginx/body; proxy_temp_path $work/nginx/proxy; fastcgi_temp_path $work/nginx/fastcgi;
    uwsgi_temp_path $work/nginx/uwsgi; scgi_temp_path $work/nginx/scgi;
    server {
        listen 127.0.0.1:443 ssl;
        server_name example.com;
        ssl_certificate $work/tls.pem;
        ssl_certificate_key $work/tls.key;
        root $work/nginx/root;
    }
}
END
    # shellcheck disable=SC2016 # the inner shell expands it
    unshare --mount --net -- /bin/sh -c 'mount --bind "$1/hosts" /etc/hosts && ip link set lo up &&
        exec nginx -p "$1/nginx" -e "$1/nginx/error.log" -c "$1/nginx.conf"' sh "$work" >"$work/nginx.log" 2>&1 &
    server=$!
    for ((try = 0; try < 100; try++)); do
        if here curl -so /dev/null https://example.com/; then return; fi
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    why_server="nginx does not start: $(tail -n 2 "$work/nginx.log" "$work/nginx/error.log" 2>/dev/null)"
    return 1
}
# here COMMAND…: runs it where the server is example.com, and its certificate is trusted.
here() {
    nsenter --target "$server" --mount --net -- env -u http_proxy -u https_proxy -u HTTPS_PROXY -u HTTP_PROXY \
        SSL_CERT_FILE="$work/tls.pem" CURL_CA_BUNDLE="$work/tls.pem" "$@"
}
end_server() {
    [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || :
    server=''
}
