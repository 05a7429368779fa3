#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the first inputs of fuzz-brom, fuzz-da and fuzz-xflash to tests/data/fuzz/: what a phone says in a conversation that
goes well, after shared/protocol/brom-and-legacy.md and xflash-and-xml.md. An 0xEE of the phone is written twice (see fuzz-link.h)."""
import pathlib

DATA = pathlib.Path(__file__).resolve().parent.parent / "data" / "fuzz"
SEND_DA = "d7 00200000 00000003 00000000 0000 0202 0000"
JUMP = "d5 00200000 0000"
VERSIONS = "fc 8a00 ca00 0000 0000"
CID = "1101004f5241434c4510123456788701"
IN_MEMORY = "4f0001114c4341523412104501877856"
NO_IDS = "0005" + "0000" * 5
HELLO = "c0 00000bc4" + NO_IDS + "00000000" + CID + "04 02 9c"
REPORT = ("00000bc7" + "00" * 24 + "00000bc8 00 ffff" + "00" * 8 + NO_IDS + "00" * 9
          + "00000000" + "0000000000400000" * 3 + "00" * 32 + "0000000004000000" + IN_MEMORY + "00" * 8
          + "00000c4f" + "00" * 24 + "00" * 8 + "00000000 02 00 0000000040000000" + "11" * 16)
TAIL = "5a 00000c0b 00000409 c1"
DA2 = "5a 5a 5a 5a"
DRAM = ("00000bc3 00000000" + IN_MEMORY + "00000bc4" + NO_IDS + "5a 000000bc 44aa 00000000 02 00 0000000040000000")
WRITE = "5a 69"
READ = "5a 5a 5a" + "00" * 0x400 + "0000"
ERASE = "5a 5a 00000bd1 32 00000000 64 5a 5a"
TABLE = "06 000000b0" + ("626f6f74" + "00" * 60 + "0000d80100000000" + "0000000100000000" + "0800000000000000") * 2
FINISH = "5a 5a"
# chips.ini's order: the index of a chip is the fuzzer's first byte
CHIPS = {"first": 0, "second": 1, "third": 2, "tenth": 9}


def save(name, text, head=b""):
    path = DATA / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + bytes.fromhex(text).replace(b"\xee", b"\xee\xee"))


def brom():
    handshake = "5f f5 af fa"
    boot_rom = "fd 0001 0000 d8 00000005 0000 fe 05" + VERSIONS + "e1 00000010" + "22" * 16 + "0000 e7 00000020" + "33" * 32 + "0000"
    watchdog = "d4 10007000 00000001 0000 22000064 0000"
    save("brom/boot-rom.bin", handshake + boot_rom + SEND_DA + JUMP)
    save("brom/preloader.bin", b"READYREADY".hex() + handshake + "fd 6580 0000" + watchdog + "d8 00000000 0000 01 ff" + VERSIONS + SEND_DA + JUMP)
    save("brom/refused.bin", handshake + boot_rom + "d7 00200000 00000003 00000000 1d0d")
    save("brom/out-of-step.bin", b"AT\r".hex() + "a1 5f a1 0b 5f f5 51 5f f5 af fa" + boot_rom)
    save("brom/command-loop.bin", "a0 fd 6580 0000 fd 0001 0000 d8 00000000 0000 01 ff" + VERSIONS)


def agents():
    for name, chip in CHIPS.items():
        save(f"da/start-{name}.bin", HELLO + "00000000" + DA2 + REPORT + TAIL + "5a 01", bytes([chip, 3]))
        save(f"da/dram-{name}.bin", HELLO + DRAM + DA2 + REPORT + TAIL + "5a 00 5a 5a 01", bytes([chip, 1]))
    save("da/write.bin", WRITE + READ + ERASE + ERASE + TABLE + FINISH, bytes([0, 4]))
    save("da/read.bin", "5a 5a 5a" + READ + ERASE + TABLE + FINISH, bytes([0, 4 + 8]))
    save("da/erase.bin", "5a 5a" + ERASE + ERASE + TABLE + FINISH, bytes([0, 4 + 16]))
    save("da/table.bin", TABLE + FINISH + WRITE, bytes([0, 4 + 24]))
    save("da/rarer.bin", "5a" * 24 + "00000f3c 5a" + TABLE, bytes([0, 4 + 0x80]))


def xflash():
    """As fuzz-xflash frames it: a byte below 0x80 is a status (0 OK, 1 SYNC, 2 tick, 3 complete, 4 and 5 not known, 6 checksum,
    7 refused, 8 DRAM, 9 EMI version), one above it a message of so many bytes less 0x80."""

    def told(text):
        return "00 00 %02x" % (0x80 + len(bytes.fromhex(text))) + text + "00"

    emmc = "01000000 00020000" + "0000400000000000" * 3 + "00" * 32 + "0000000400000000" + CID + "00" * 8 + "01010100 00000000"
    ufs = "30000000 00100000" + "0000400000000000" * 2 + "0000000400000000" + CID + "00" * 8
    hello = "00 00 01" + "00 00 00" * 3
    high, full, unknown = told(b"high-speed".hex()), told(b"full-speed".hex()), "00 05"
    report = told("02000000 00000000" + "00" * 16 + "01000000 00000000" + "0000000000000040") + told("22" * 16) + told("312e30") + told("00002000 00000100")
    second = "00 00 01"
    read = "00 00 00 c0" + "00" * 64 + "00 c0" + "00" * 64 + "00"
    login = told("01000000") + "00 00 c4" + "00" * 68 + "00"
    save("xflash/start-preloader.bin", hello + told(b"preloader".hex()) + high + second + unknown + told(emmc) + unknown + report, bytes([0, 3]))
    save("xflash/start-brom.bin", hello + told(b"brom".hex()) + told(emmc) + unknown + read + "00 09 00 00" + full + "00 00" + high + second + unknown
         + told(emmc) + unknown + report, bytes([0x40, 3]))
    save("xflash/start-ufs.bin", hello + told(b"brom".hex()) + unknown + told(ufs) + "00 00" + high + second + unknown + unknown + told(ufs) + report, bytes([0, 3]))
    save("xflash/login.bin", login, bytes([1, 2]))
    save("xflash/login-with-key.bin", login + "00" * 8, bytes([1, 6]))
    save("xflash/write.bin", "00 00 00 06 06 00 00 00 00 00 00 00 00" + read, bytes([2, 2]))
    save("xflash/read.bin", read + "ff 01000000686f0d0a" + "00 00 02 84 32000000 03", bytes([2 + 4, 2]))
    save("xflash/erase.bin", "00 00 02 84 32000000 02 84 64000000 03 00 07 02 84 64000000 03", bytes([2 + 8, 2]))
    save("xflash/name.bin", "00 00 00 00 00 00 00 00 00 00 00 00", bytes([2 + 12, 2]))
    save("xflash/health.bin", told("0a0f0000") + "00 00 00", bytes([2 + 16, 2]))
    save("xflash/finish.bin", "00 00", bytes([2 + 20, 2]))
    save("xflash/unframed.bin", "efeeeefe 01000000 04000000 00000000" * 6, bytes([3, 0]))


brom()
agents()
xflash()
