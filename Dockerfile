FROM python:3.13-slim AS build
COPY . /source
RUN python -m venv /opt/apidouble && /opt/apidouble/bin/pip install --no-cache-dir "/source[sandbox,tls]"

FROM python:3.13-slim
RUN useradd --uid 10001 --create-home apidouble && install -d -o apidouble /data
COPY --from=build /opt/apidouble /opt/apidouble
ENV PATH=/opt/apidouble/bin:$PATH
USER 10001
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s CMD ["python", "-c", "import urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:8080/_apidouble/health', timeout=2)"]
# Beyond loopback, as in every container, the control plane needs a token: without APIDOUBLE_TOKEN it does not start, and says so.
CMD ["apidouble", "serve", "--host", "0.0.0.0", "--port", "8080"]
