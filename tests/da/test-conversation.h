/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* conversations made up by us from shared/protocol/brom-and-legacy.md §5, for what no recording
 * shows */

#include "da/ub-da-legacy-private.h"
#include "link/ub-link-replay.h"
#include "tests/da/test-agent.h"

typedef struct
{
  TestSetup  setup;
  UbLink    *link;
  UbDa      *da;
  UbDaReport report;
  GError    *error;
  gboolean   started;
} Session;

static inline void
session_clear (Session *self)
{
  g_clear_object (&self->da);
  g_clear_object (&self->link);
  g_clear_error (&self->error);
  test_setup_clear (&self->setup);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Session, session_clear)

/* --- pieces of conversations --- */

#define FIVE_WORDS "D>H 0000000100000002000000030000000400000005\n"
#define IDS_EMMC "D>H 00000000\nD>H 1101004f5241434c4510123456788701\n"
#define HELLO_AS(nand)                                                                             \
  "D>H c0\nD>H " nand "\nD>H 000500000000000000000000\n" IDS_EMMC "H>D 5a\nD>H 040201\n"
#define HELLO_5 HELLO_AS ("00000bc4")
#define BLOCK "H>D 05010800087007ffff010000050002010200\n"
#define BLOCK_6583 "H>D 05010800087007ffff010000050002000200\n"
#define DRAM_UP "D>H 00000000\n"
#define SLC "H>D 00000001\nH>D 46460000000000000000000000000000ff000000\n"
/* DRAM down: eMMC id as it lies in memory, no NAND */
#define DRAM_DOWN                                                                                  \
  "D>H 00000bc3\nD>H 00000000\nD>H 4f0001114c4341523412104501877856\nD>H 00000bc4\nD>H "           \
  "000500000000000000000000\n"
#define DA2_4 "H>D 800000000000000400001000\nD>H 5a\nH>D 00000000\nD>H 5a\nD>H 5a\nH>D 5a\n"
#define NOR "D>H 00000bc70000ffff0000000000000000000000000000000000000000\n"
#define NAND_8 "D>H 00000bc800ffff0000000000000000000500000000000000000000000000000000000000\n"
#define NAND_4 "D>H 00000bc800ffff00000000000500000000000000000000000000000000000000\n"
#define EMMC                                                                                       \
  "D>H 00000000000000000040000000000000004000000000000000080000\n"                                 \
  "D>H 0000000000000000000000000000000000000000000000000000000000000000\n"                         \
  "D>H 00000001d1f00000\nD>H 4f0001114c4341523412104501877856\nD>H 0000000000000000\n"
#define SDMMC "D>H 00000c4f000000000000000000000000000000000000000000000000\n"
#define CONFIG_REPORT                                                                              \
  "D>H 000000000001000000000000020000000000200000000102030405060708090a0b0c0d0e0f10\n"
#define TAIL "D>H 5a\nD>H 00000c0b00000409\nD>H c1\n"
#define REPORT NOR NAND_8 EMMC SDMMC CONFIG_REPORT TAIL
#define USB_HIGH "H>D 72\nD>H 5a01\n"
#define PLAIN_START HELLO_5 BLOCK DRAM_UP DA2_4 REPORT USB_HIGH

static inline void
begin (Session *self, guint16 hw_code, guint year, gsize da2_size, UbEmi *emi, const char *text)
{
  g_autofree char *upload = test_dup_upload ();
  g_autofree char *all = g_strconcat (upload, text, NULL);

  *self = (Session){ 0 };
  self->link = ub_link_replay_new_from_text (all, &self->error);
  g_assert_no_error (self->error);
  test_setup_init (&self->setup, hw_code, year, da2_size, emi);
  self->da = ub_da_new (UB_PROTOCOL_LEGACY, self->link, &self->error);
  self->started =
      ub_da_start (self->da, &self->setup.setup, &self->report, NULL, NULL, NULL, &self->error);
}

static inline void
check_all_said (Session *self)
{
  g_assert_no_error (self->error);
  g_assert_true (self->started);
  g_assert_true (ub_link_replay_is_finished (UB_LINK_REPLAY (self->link)));
}
