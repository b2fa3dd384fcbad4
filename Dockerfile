# Two images out of one file:  docker build --target cpu .   docker build --target gpu .
# Dependencies come before the source: a change of the source installs no dependency anew.

# --- dependencies, locked by hash, in a virtual environment without pip ---
FROM python:3.11-slim AS environment
ARG PIP_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
RUN ["python", "-m", "venv", "--without-pip", "/opt/checkreader"]

FROM environment AS environment-cpu
COPY requirements/cpu.txt requirements/cpu.txt
RUN ["python", "-m", "pip", "--python", "/opt/checkreader/bin/python", "install", "--require-hashes", "--only-binary", ":all:", "-r", "requirements/cpu.txt"]

FROM environment AS environment-gpu
COPY requirements/gpu.txt requirements/gpu.txt
RUN ["python", "-m", "pip", "--python", "/opt/checkreader/bin/python", "install", "--require-hashes", "--only-binary", ":all:", "-r", "requirements/gpu.txt"]

# --- the wheel of the source, with the models inside ---
FROM environment AS wheel
COPY requirements/build.txt requirements/build.txt
RUN python -m venv /opt/build && /opt/build/bin/python -m pip install --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md LICENSE THIRD_PARTY_NOTICES.md ./
COPY app app
COPY model model
RUN ["/opt/build/bin/python", "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", "/wheel", "."]

FROM environment-cpu AS installed-cpu
COPY --from=wheel /wheel /wheel
RUN ["python", "-m", "pip", "--python", "/opt/checkreader/bin/python", "install", "--no-deps", "--no-index", "--find-links", "/wheel", "checkreader"]

FROM environment-gpu AS installed-gpu
COPY --from=wheel /wheel /wheel
RUN ["python", "-m", "pip", "--python", "/opt/checkreader/bin/python", "install", "--no-deps", "--no-index", "--find-links", "/wheel", "checkreader"]

# --- what runs: Python, the environment, an unprivileged number; nothing is written but to /tmp ---
FROM python:3.11-slim AS service
RUN ["python", "-m", "pip", "uninstall", "--yes", "--break-system-packages", "setuptools", "wheel", "pip"]
ENV PATH=/opt/checkreader/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OMP_NUM_THREADS=1 \
    CHECKREADER_HOST=0.0.0.0 \
    CHECKREADER_PORT=8000 \
    CHECKREADER_LOG_FORMAT=json
WORKDIR /tmp
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['CHECKREADER_PORT'] + '/readyz', timeout=4)"]
ENTRYPOINT ["checkreader"]
CMD ["serve"]

FROM service AS gpu
ENV CHECKREADER_DEVICE=cuda \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=installed-gpu /opt/checkreader /opt/checkreader

# The last one is what a build without --target makes.
FROM service AS cpu
COPY --from=installed-cpu /opt/checkreader /opt/checkreader
