# docker build -t heliograph . && docker run -p 5006:5006 heliograph
FROM python:3.12-slim AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/heliograph && /opt/heliograph/bin/pip install --no-cache-dir '.[embedded,work]'

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 heliograph && install -d -m 0700 -o heliograph /data
COPY --from=build /opt/heliograph /opt/heliograph
USER heliograph
ENV PATH=/opt/heliograph/bin:$PATH \
    HELIOGRAPH_HOST=0.0.0.0 \
    HELIOGRAPH_DATA_DIR=/data \
    PYTHONDONTWRITEBYTECODE=1
VOLUME /data
EXPOSE 5006
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ.get('HELIOGRAPH_PORT', '5006')}/healthz\", timeout=2)"]
CMD ["heliograph", "demo", "--no-browser-hint"]
