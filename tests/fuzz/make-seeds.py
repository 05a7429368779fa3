#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the first inputs of the fuzz targets for files to tests/data/fuzz/; all bytes are made here."""
import hashlib
import json
import pathlib
import struct
import zlib

DATA = pathlib.Path(__file__).resolve().parent.parent / "data" / "fuzz"


def save(name, data):
    path = DATA / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def chunk(kind, blocks, data=b"", header=12):
    head = struct.pack("<HHII", kind, 0, blocks, header + len(data))
    return head.ljust(header, b"\0") + data


def sparse(chunks, blocks, header=28, chunk_header=12, block_size=16):
    head = struct.pack("<IHHHHIIII", 0xED26FF3A, 1, 0, header, chunk_header, block_size, blocks, len(chunks), 0)
    return head.ljust(header, b"\0") + b"".join(chunks)


def chunks(header):
    return [chunk(0xCAC1, 2, bytes(range(32)), header), chunk(0xCAC3, 3, b"", header),
            chunk(0xCAC2, 1, b"\x11\x22\x33\x44", header), chunk(0xCAC2, 1, b"\x11\x22\x33\x44", header),
            chunk(0xCAC4, 0, b"\0\0\0\0", header), chunk(0xCAC1, 1, b"z" * 16, header)]


def images():
    save("image/sparse.img", sparse(chunks(12), 8))
    save("image/larger-headers.img", sparse(chunks(16), 8, 32, 16))
    save("image/large-gap.img", sparse([chunk(0xCAC3, 0xFFFFFFF0), chunk(0xCAC2, 15, b"\0\0\0\0")], 0xFFFFFFFF))
    save("image/boot.img", b"ANDROID!" + bytes(range(256)))


def region(offset, length, address, signature):
    return struct.pack("<IIIII", offset, length, address, length - signature, signature)


def entry(code, offset, old=False, room=10):
    regions = region(offset, 8, 0x50000000, 0) + region(offset + 8, 32, 0x200000, 16)
    regions += region(offset + 40, 32, 0x40000000, 16)
    head = struct.pack("<HHHH", 0xDADA, code, 0x8A00, 0xCA00) + (b"" if old else struct.pack("<HH", 0, 0))
    return head + struct.pack("<HHHH", 0x1000, 0, 0, 3) + regions.ljust(room * 20, b"\0")


def container(ident, entries, data):
    head = b"MTK_DOWNLOAD_AGENT".ljust(0x20, b"\0") + ident.encode().ljust(0x40, b"\0")
    return head + struct.pack("<III", 4, 0x22668899, len(entries)) + b"".join(entries) + data


def agents():
    body = bytes(range(72))
    save("agent/two.bin", container("MTK_AllInOne_DA_v3.3001.2019-02-01.10:54_466507",
                                    [entry(0x6580, 0x6C + 440), entry(0x6735, 0x6C + 440)], body))
    save("agent/old.bin", container("MTK_AllInOne_DA_v7.1420.00", [entry(0x6573, 0x6C + 216, True)], body))
    save("agent/v6.bin", container("MTK_DA_v6_2022-04-02 23:43:58", [entry(0x1172, 0xBC, room=3)], body))


def emi(version, size, count, records):
    head = b"MTK_BLOADER_INFO_v%02d" % version
    head = head.ljust(0x1B, b"\0") + b"preloader_seed.bin".ljust(0x3D, b"\0")
    head += b"V116" + struct.pack("<II", 0x33448822, 0x00700090) + b"MTK_BIN\0" + struct.pack("<I", count)
    ident = bytes.fromhex("1501004645363 24D42".replace(" ", "")).ljust(16, b"\0")
    record = struct.pack("<IIII", 0, 0x0203, 9, 0) + ident
    return head + record.ljust(size, b"\xA5") * records


def preloader(block, cut=0):
    content = b"\xEA" * 64 + block + struct.pack("<I", len(block)) + bytes(cut)
    length = 0x38 + len(content) + 32
    head = b"MMM\x01\x38\0\0\0" + b"FILE_INFO".ljust(12, b"\0") + struct.pack("<IHBB", 1, 1, 5, 3)
    head += struct.pack("<IIIIIII", 0x200D00, length, 0x40000, 0x38, 32, 0x38, 0)
    return head + content + b"\x5A" * 32


def with_header(name, layout_at, image_at, image):
    head = name.ljust(12, b"\0") + struct.pack("<II", 1, layout_at)
    end = image_at + len(image)
    layout = b"BRLYT".ljust(8, b"\0") + struct.pack("<IIIIHHIII", 1, image_at, end, 0x42424242, 5, 1, image_at, end, 1)
    return (head.ljust(layout_at, b"\xFF") + layout).ljust(image_at, b"\xFF") + image


def preloaders():
    save("preloader/bare-block.bin", emi(21, 188, 9, 2))
    save("preloader/old-block.bin", emi(8, 136, 1, 1))
    save("preloader/new-block.bin", emi(49, 84, 2, 2))
    save("preloader/whole.bin", preloader(emi(21, 188, 1, 1)))
    save("preloader/cut-behind.bin", preloader(emi(12, 188, 1, 1), 0x800))
    save("preloader/with-header.bin", with_header(b"EMMC_BOOT", 0x200, 0x800, preloader(emi(20, 188, 1, 1))))
    save("preloader/ufs-boot.bin", with_header(b"UFS_BOOT", 0x200, 0x1000, preloader(emi(49, 84, 1, 1))))
    save("preloader/combo-boot.bin", with_header(b"COMBO_BOOT", 0x200, 0x1000, preloader(emi(35, 0xA0, 1, 1))))


def gpt(block):
    name = "boot".encode("utf-16-le").ljust(72, b"\0")
    entries = b"\xA2" * 16 + b"\x01" * 16 + struct.pack("<QQQ", 64, 127, 0) + name
    entries += b"\xA2" * 16 + b"\x02" * 16 + struct.pack("<QQQ", 128, 255, 0) + name
    entries = entries.ljust(block, b"\0")
    tail = struct.pack("<QQQQ", 1, 511, 3, 509) + b"\x07" * 16
    tail += struct.pack("<QIII", 2, 4, 128, zlib.crc32(entries[:512]))
    head = b"EFI PART" + struct.pack("<II", 0x10000, 92)
    crc = zlib.crc32(head + bytes(8) + tail)
    header = head + struct.pack("<II", crc, 0) + tail
    return mbr([(0xEE, 1, 511)]).ljust(block, b"\0") + header.ljust(block, b"\0") + entries


def backup_gpt(block):
    """A disk of five blocks, whose last one has the header of its second table."""
    name = "boot".encode("utf-16-le").ljust(72, b"\0")
    entries = (b"\xA2" * 16 + b"\x01" * 16 + struct.pack("<QQQ", 1, 2, 0) + name).ljust(block, b"\0")
    tail = struct.pack("<QQQQ", 4, 1, 1, 2) + b"\x07" * 16 + struct.pack("<QIII", 3, 4, 128, zlib.crc32(entries[:512]))
    head = b"EFI PART" + struct.pack("<II", 0x10000, 92)
    header = head + struct.pack("<II", zlib.crc32(head + bytes(8) + tail), 0) + tail
    return bytes(3 * block) + entries + header.ljust(block, b"\0")


def mbr(rows):
    table = b"".join(struct.pack("<B3sB3sII", 0, b"", kind, b"", start, size) for kind, start, size in rows)
    return bytes(446) + table.ljust(64, b"\0") + b"\x55\xAA"


def tables():
    save("gpt/512.bin", gpt(512))
    save("gpt/4096.bin", gpt(4096))
    save("gpt/backup.bin", backup_gpt(512))
    save("gpt/backup-4096.bin", backup_gpt(4096))
    save("gpt/mbr.bin", mbr([(0x83, 16, 64), (5, 2, 100)]) + bytes(512)
         + mbr([(0x83, 8, 20), (5, 1, 60)]) + mbr([(0x83, 2, 30), (5, 1, 9)]))


PHONE = {
    "chip": "MT6580 (0x6580)", "port": "1-2", "speed": "high",
    "brom": {"is_boot_rom": True, "bl_version": 254, "brom_version": 5, "hw_code": 0x6580, "hw_sub_code": 0x8A00, "hw_version": 0xCA00,
             "sw_version": 1, "target_config": 5, "me_id": "a1" * 16, "soc_id": ""},
    "report": {"storage": "eMMC", "boot1_size": 0x40000, "boot2_size": 0x40000, "rpmb_size": 0, "gp1_size": 0, "gp2_size": 0, "gp3_size": 0,
               "gp4_size": 0, "user_size": 0x800000, "cid": "15" * 16, "random_id": "07" * 16, "ram_size": 1 << 30, "dram_by_us": True,
               "emi_origin": "preloader\\303\\274.bin", "high_speed": True, "version_major": 3, "version_minor": 2},
    "layout": {"kind": "GPT", "entries": [
        {"name": "nvram", "region": "EMMC_USER", "start": 0x100000, "size": 0x80000},
        {"name": "../boot", "region": "EMMC_USER", "start": 0x200000, "size": 0x100000}]},
}


XML = '<?xml version="1.0" encoding="utf-8"?>'


def xml_row(name, file, region, start, size):
    fields = {"partition_name": name, "file_name": file, "is_download": "true", "type": "NORMAL_ROM", "linear_start_addr": hex(start),
              "physical_start_addr": hex(start), "partition_size": hex(size), "region": region, "storage": "HW_STORAGE_UFS",
              "boundary_check": "true", "is_reserved": "false", "operation_type": "UPDATE"}
    inner = "".join(f"<{key}>{value}</{key}>" for key, value in fields.items())
    return f'<partition_index name="SYS0">{inner}</partition_index>'


def packages():
    flash = XML + "<flash><da>DA_BR.bin</da><scatter>../MT6789_Android_scatter.xml</scatter></flash>"
    away = XML + "<flash><da>../../DA_BR.bin</da><scatter>../../../etc/MT6789_Android_scatter.xml</scatter></flash>"
    general = ('<general name="MTK_PLATFORM_CFG"><config_version name="V2.1.0"><platform>MT6789</platform><project>x</project>'
               '</config_version></general>')
    rows = (xml_row("preloader", "preloader_x.bin", "UFS_LU0_LU1", 0, 0x40000) + xml_row("boot_a", "boot.img", "UFS_LU2", 0x8000, 0x40000)
            + xml_row("lk_a", "../../etc/passwd", "UFS_LU2", 0x48000, 0x40000))
    table = f'{XML}<root>{general}<storage_type name="UFS">{rows}</storage_type></root>'
    sums = (XML + '<checksum><file name="boot.img" chk_method="ADD" checksum="0x62fe3f7b"/><file name="x" chk_method="ADD" checksum="z"/>'
            "</checksum>")
    for name, texts in {"whole": (flash, table, sums), "away": (away, table, sums), "no-sums": (flash, table),
                        "ini": (flash, table, "[CheckSum]\nboot=0x1\n[CHECKSUM_V2]\nboot=" + "0f" * 16)}.items():
        save(f"package/{name}.bin", b"\0".join(text.encode() for text in texts))


def slots():
    head = b"_b\0\0" + b"BCAB" + bytes([1, 2, 0, 0])
    for name, states in {"b": (0x6E, 0, 0x6F, 0), "neither": (0, 0, 0, 0), "untried": (0x0F, 0, 0x1F, 0)}.items():
        block = head + bytes(states) + bytes(12)
        save(f"slots/{name}.bin", b"\0" + block + struct.pack("<I", zlib.crc32(block)) + b"boot_a")
    save("slots/summed.bin", b"\1" + bytes(32) + b"BOOT_B")


def part(name, region, offset, length, file=None):
    there = {"file": file, "sha256": "0f" * 32} if file else {"trouble": "sector 7"}
    return {"name": name, "region": region, "offset": offset, "length": length, "protected": name == "nvram", "missing": not file} | there


def copies():
    head = {"format": "unbrick-copy", "version": 1, "program": "unbrick", "kind": "safety", "time": "2026-03-03T12:05:00Z",
            "project": "w370", "phone": PHONE, "scatter": "MT6580_Android_scatter.txt", "scatter_sha256": "1e" * 32}
    some = [part("boot1", "EMMC_BOOT_1", 0, 0x40000, "boot1.bin"), part("nvram", "EMMC_USER", 0x100000, 0x80000),
            part("../boot", "EMMC_USER", 0x200000, 0x100000, "_._boot.bin")]
    whole = [part("boot1", "EMMC_BOOT_1", 0, 0x40000, "boot1.bin"), part("boot2", "EMMC_BOOT_2", 0, 0x40000, "boot2.bin"),
             part("user", "EMMC_USER", 0, 0x800000, "user.bin")]
    save("backup/parts.json", json.dumps(head | {"parts": some}).encode())
    save("backup/whole.json", json.dumps(head | {"kind": "readback", "parts": whole}, indent=2).encode())
    save("backup/deep.json", b"{\"parts\":" + b"[" * 5000 + b"]" * 5000 + b"}")


def jobs():
    job = json.dumps({"format": "unbrick-job", "version": 1, "program": "unbrick", "time": "2026-03-03T12:05:00Z", "mode": "erase",
                      "title": "Leagoo Z5", "digest": "0f" * 32, "copy": "/copies/1", "plan": "{'mode': <'erase'>, 'size': <uint64 7>}",
                      "phone": PHONE, "steps": ["nvram", "boot"]}).encode()
    lines = b""
    for step, offset in (0, 4096), (1, 1 << 20):
        check = hashlib.sha256(f"{hashlib.sha256(job).hexdigest()} {step} {offset}".encode()).hexdigest()[:8]
        lines += f"{step} {offset} {check}\n".encode()
    save("journal/job.bin", job + b"\0" + lines + b"1 99")


def endpoint(address, kind=2, packet=512):
    return struct.pack("<BBBBHB", 7, 5, address, kind, packet, 0)


def interface(number, kind, endpoints):
    return struct.pack("9B", 9, 4, number, 0, len(endpoints), *kind, 0) + b"".join(endpoints)


def thing(vendor, product, interfaces, kind=0, words=b""):
    device = struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x200, kind, 0, 0, 64, vendor, product, 0x100, 1, 2, 0, 1)
    body = b"".join(interfaces)
    return b"\0" + device + struct.pack("<BBHBBBBB", 9, 2, 9 + len(body), len(interfaces), 1, 0, 0x80, 50) + body + words


def things():
    pair = [endpoint(0x81), endpoint(1)]
    cdc = [interface(0, (2, 2, 1), [endpoint(0x83, 3, 16)]) + b"\5\x24\6\0\1", interface(1, (10, 0, 0), pair)]
    save("usb/preloader.bin", thing(0x0E8D, 0x2000, cdc, 2))
    save("usb/own-ids.bin", thing(0x2717, 0x1234, cdc, 2, b"\nMediaTek\nMT65xx Preloader\nCDC\nData"))
    save("usb/recovery.bin", thing(0x18D1, 0x4EE7, [interface(0, (255, 66, 1), pair)], 0, b"\nmaker\nTWRP recovery\x1b[2J"))
    save("usb/mtp.bin", thing(0x0E8D, 0x2008, [interface(0, (6, 1, 1), pair + [endpoint(0x82, 3, 28)])], 0, b"\nm\np\nMTP"))
    save("usb/kernel.log", b"\1[   12.345678] usb 1-2: device descriptor read/64, error -71\n+5\n6,1234,5678901,-;usb usb1-port2: "
         b"unable to enumerate USB device\n=1-2.4 1 default\n+30\n=1-2.4 0 not attached\nhub 1-0:1.0: over-current change on port 3\n"
         b"usb 1-2: can't set config #1, error -32\n+400\nusb 1-2: New USB device found, idVendor=0e8d\nusb 1-2: USB disconnect, device 5\n")
    save("usb/rule.rules", b'\2# mine\nACTION=="remove", GOTO="unbrick_end"\nATTR{idVendor}=="0e8d", ATTR{idProduct}=="2000", TAG+="uaccess"\n1bbb:f00f\n'
         b'ATTR{idVendor}=="1bbb", ATTR{idProduct}=="f00e", TAG+="uaccess", ENV{ID_MM_DEVICE_IGNORE}="1", ENV{MTP_NO_PROBE}="1"\n')


def support():
    save("support/text", b"IMEI: 352099001761480, 35-209900-176148-0\n00:1a:2b:3c:4d:5e serial=R58M me_id: 0011223344556677\n"
         b"/home/anna/x /run/user/1000/doc/5f/x\n")
    save("support/report.json", b'{"result":"failed","error":{"code":"agent-silent","message":"x"},"phone":{"layout":[{"name":"boot",'
         b'"start":1,"size":2}],"me_id":"5f0c\\u2026 (16 bytes)"},"trace":"H>D a0\\nD>H 5f"}')
    save("support/odd.json", b'[[[[{"a":1.5,"error":[],"b":null}]]]]')


if __name__ == "__main__":
    images()
    agents()
    preloaders()
    tables()
    copies()
    jobs()
    packages()
    slots()
    support()
    things()
