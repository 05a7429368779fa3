/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* pieces of conversations with XML agents about 0x400 bytes at 0x1000 */

#include "tests/da/test-xml.h"

#define NAME_400 "MEM://0x0:0x400"
#define WRITE_400                                                                                  \
  H_COMMAND ("WRITE-FLASH",                                                                        \
             "<partition>EMMC-USER</partition><source_file>" NAME_400                              \
             "</source_file><offset>0x1000</offset>")                                              \
  D ("OK")
#define ASK_SIZE(name)                                                                             \
  D_REQUEST ("FILE-SYS-OPERATION", "<key>FILE-SIZE</key><file_path>" name "</file_path>")
#define SIZE_400 ASK_SIZE (NAME_400) H ("OK") H ("OK@0x400")
/* the sum of seed 3, step 7 over 0x400 bytes */
#define SUM_400 "0x7f808100"
#define ANNOUNCE_400                                                                               \
  D_DOWNLOAD (NAME_400, "0x200000") H ("OK") H ("OK@0x400") D ("OK") H ("OK@" SUM_400)
#define FETCH_400 ANNOUNCE_400 D ("OK")
#define DATA_400 BLOCK ("H>D", 1024)
#define READ_400                                                                                   \
  H_COMMAND ("READ-FLASH",                                                                         \
             "<partition>EMMC-USER</partition><target_file>" NAME_400                              \
             "</target_file><offset>0x1000</offset><length>0x400</length>")                        \
  D ("OK")
#define BRING_400                                                                                  \
  D_UPLOAD (NAME_400, "0x10000")                                                                   \
  H ("OK") D ("OK@0x0000000000000400") H ("OK") D ("OK@0x0") H ("OK") BLOCK ("D>H", 1024) H ("OK")

#define WRITE_BIG(name, offset)                                                                    \
  H_COMMAND ("WRITE-FLASH",                                                                        \
             "<partition>EMMC-USER</partition><source_file>" name "</source_file><offset>" offset  \
             "</offset>")                                                                          \
  D ("OK")
