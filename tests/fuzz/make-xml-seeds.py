#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the first inputs of fuzz-xml to tests/data/fuzz/xml/: texts as an XML agent sends them, each with its NUL."""
import pathlib

DATA = pathlib.Path(__file__).resolve().parent.parent / "data" / "fuzz" / "xml"
HEAD = '<?xml version="1.0" encoding="utf-8"?>'
PARSE, START, COMMANDS = 1, 4, 2
TABLE = (HEAD + '<partition_table version="1.0"><pt><name>boot_a</name><start>0x8000000</start><size>0x4000000</size></pt>'
         '<pt><name>userdata</name><start>0x20000000</start><size>0x40000000</size></pt></partition_table>')
SLA = HEAD + '<sys_prop version="1.0"><item key="DA.SLA">%s</item></sys_prop>'
EMMC = (HEAD + '<da_hw_info><version>1.2</version><ram_size>0x40000000</ram_size><battery_voltage>3900</battery_voltage>'
        '<random_id>000102030405060708090a0b0c0d0e0f</random_id><storage>EMMC</storage><emmc><block_size>0x200</block_size>'
        '<boot1_size>0x400000</boot1_size><boot2_size>0x400000</boot2_size><user_size>0x4000000</user_size><gp1_size>0</gp1_size>'
        '<id>4F0001114C4341523412104501877856</id></emmc><product_id></product_id></da_hw_info>')
UFS = (HEAD + '<da_hw_info><storage>UFS</storage><ufs><block_size>0x1000</block_size><lua0_size>0x400000</lua0_size>'
       '<lua1_size>0x400000</lua1_size><lua2_size>0x1dcb000000</lua2_size><id>KM5V8001DM</id></ufs></da_hw_info>')
CHALLENGE = HEAD + '<sla version="1.0"><rnd>00112233445566778899aabbccddeeff</rnd><hrid>00</hrid></sla>'
INFO = HEAD + '<da_info><version>1.0</version><da_version>2021</da_version><build>Oct 31 2024</build></da_info>'
DOCUMENT = "MEM://0x0:0x80000"


def request(name, **arguments):
    arg = "".join(f"<{key}>{value}</{key}>" for key, value in arguments.items())
    return f"{HEAD}<host><version>1.0</version><command>CMD:{name}</command><arg>{arg}</arg></host>"


BEGIN = request("START")
END = request("END", result="OK", message="")
NO = ["ERR!UNSUPPORTED", request("END", result="ERR!UNSUPPORTED", message="Unsupported command."), BEGIN]
YES = ["OK", END, BEGIN]
PROGRESS = [request("PROGRESS-REPORT", message="x"), "OK!PROGRESS@40@", "OK!EOT"]


def error(text):
    return request("END", result="ERR", message=text)


def upload(name, *packets, packet=0x10000):
    texts = [request("UPLOAD-FILE", checksum="CHK_NO", info="x", target_file=name, packet_length=hex(packet)),
             f"OK@{sum(len(p) + 1 for p in packets):#x}"]
    for p in packets:
        texts += ["OK@0x0", p]
    return texts


def download(name, packets, packet=0x200000):
    return [request("DOWNLOAD-FILE", checksum="CHK_ADD", info="x", source_file=name, packet_length=hex(packet)), "OK"] + ["OK", "OK@0x0"] * packets


def save(name, kind, texts):
    DATA.mkdir(parents=True, exist_ok=True)
    (DATA / name).write_bytes(bytes([kind]) + b"".join(text.encode() + b"\0" for text in texts))


def main():
    for name, text in {"table": TABLE, "sla": SLA % "ENABLED", "emmc": EMMC, "ufs": UFS, "challenge": CHALLENGE, "info": INFO,
                       "end": error("a & b < c\r\n"), "download": request("DOWNLOAD-FILE", source_file="a&amp;b", packet_length="4096"),
                       "word": "OK@0x0000000000004400", "progress": "OK!PROGRESS@40@x"}.items():
        save("document-" + name, PARSE, [text])
    fetch = lambda text: ["OK"] + upload(DOCUMENT, text) + [END]
    start = [BEGIN] + YES + YES + NO + ["OK"] + PROGRESS + [END, BEGIN, "OK"] + download("MEM://0x0:0x1004", 2, 0x1000) + [END, BEGIN]
    to_login = start + NO + ["OK"] + PROGRESS + [END, BEGIN]
    start = to_login + fetch(SLA % "DISABLED") + [BEGIN] + fetch(INFO) + [BEGIN]
    size = [request("FILE-SYS-OPERATION", key="FILE-SIZE", file_path="MEM://0x0:0x400")]
    exists = [request("FILE-SYS-OPERATION", key="EXISTS", file_path="lk.sig"), request("FILE-SYS-OPERATION", key="REMOVE-ALL", file_path="/")]
    write = ["OK"] + size + PROGRESS + download("MEM://0x0:0x400", 1) + [END]
    damaged = ["OK"] + size + download("MEM://0x0:0x400", 0) + ["OK", error("")]
    read = ["OK"] + upload("MEM://0x0:0x400", "x" * 511, "y" * 511, packet=0x200) + [END]
    erase = ["OK"] + PROGRESS + [END, BEGIN, "OK"] + PROGRESS + [END]
    part = ["OK"] + exists + download("lk.img", 5) + [error("Security deny [lk] Signature(Entity) invalid.\r\n")]
    commands = [write, read, erase, fetch(TABLE), part, fetch("WARNING"), ["OK", END]]
    save("start-emmc", START, start + fetch(EMMC) + [BEGIN] + write)
    save("start-ufs", START | 8, start + fetch(UFS) + [BEGIN] + read)
    save("start-login", START, to_login + fetch(SLA % "ENABLED"))
    save("start-login-with-key", START | 0x80, to_login + fetch(SLA % "ENABLED") + [BEGIN] + fetch(CHALLENGE) + [BEGIN, "OK"]
         + download("MEM://0x0:0x80", 1) + [END, BEGIN] + fetch(INFO) + [BEGIN])
    save("start-mismatch", START, [BEGIN] + YES * 3 + ["OK"] + PROGRESS + [END, BEGIN, "OK", error("DA Hash mismatch.")])
    save("damaged", COMMANDS, ([BEGIN] + damaged) * 2 + [BEGIN] + write)
    for i, _ in enumerate(commands):
        texts = []
        for command in (commands * 2)[i:i + 4]:
            texts += [BEGIN] + command
        save(f"commands-{i}", COMMANDS | 8 * i, texts)
    # asks once more for what it was refused
    save("asks-twice", COMMANDS | 8 * 4, [BEGIN, "OK"] + download("lk.img", 0, packet=1)[:1] * 2 + [END])
    save("offers-twice", COMMANDS | 8, [BEGIN, "OK"] + upload("MEM://0x0:0x400", "x" * 63)[:2] * 2 + [END])
    save("log", COMMANDS, ["\x01\xef\xee"] + [BEGIN] + write)


if __name__ == "__main__":
    main()
