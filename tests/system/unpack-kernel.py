# SPDX-License-Identifier: GPL-3.0-or-later
"""unpack-kernel.py VMLINUZ VMLINUX: the ELF kernel out of a bzImage. QEMU starts it by PVH, and nothing has to be decompressed
by an emulated processor."""
import gzip
import lzma
import struct
import subprocess
import sys

with open(sys.argv[1], 'rb') as f:
    image = f.read()
start = ((image[0x1f1] or 4) + 1) * 512          # after the set-up sectors
offset, size = struct.unpack_from('<II', image, 0x248)
payload = image[start + offset:][:size]
if payload.startswith(b'\xfd7zXZ\0'):
    kernel = lzma.LZMADecompressor().decompress(payload)
elif payload.startswith(b'\x1f\x8b'):
    kernel = gzip.decompress(payload)
elif payload.startswith(b'\x28\xb5\x2f\xfd'):    # its length follows
    kernel = subprocess.run(['zstd', '-dc'], input=payload[:-4], stdout=subprocess.PIPE, check=True).stdout
else:
    sys.exit(f'a kernel packed in an unknown way: {payload[:6].hex()}')
if not kernel.startswith(b'\x7fELF'):
    sys.exit('that is no ELF kernel')
with open(sys.argv[2], 'wb') as f:
    f.write(kernel)
