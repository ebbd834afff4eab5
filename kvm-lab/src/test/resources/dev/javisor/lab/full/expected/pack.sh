gzip and back
zstd and back
lz4 and back
xz and back
