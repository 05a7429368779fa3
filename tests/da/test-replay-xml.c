/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* Our host code against the recorded conversations of a genuine MT6789 agent
 * (shared/protocol/transcripts/mt6789-xml-20241031-*.txt; facts: genuine-agents.md §4, §5.2), byte for byte, command by
 * command. The recordings' host asked more and in another order than we do, so a conversation is put together here from
 * recorded commands, each from the command to the START behind it.
 *
 * Where the recordings' host chose otherwise than we do the text is changed before it is compared (see `choices` and the
 * tests): names of files, which the agent only repeats; the tool's own name; the checksum level, and so the sums; the end of DA2, which was recorded as it is. Of blocks that are
 * known by hash only, those of our content are compared, the others by length */

#include "tests/da/test-xml.h"

#define DA2_SIZE 0x51004
#define SIGNATURE 0x100

static const struct
{
  const char *recorded;
  const char *ours;
} choices[] = {
  { "MEM://0x10000:0x200000", DOCUMENT_NAME },
  { "<info>oracle</info>", "<info>Unbrick</info>" },
  { "<checksum_level>NONE</checksum_level>", "<checksum_level>USB</checksum_level>" },
  { "<system_os>LINUX</system_os>", "<system_os>WINDOWS</system_os>" },
};

static char *
load (const char *part)
{
  const char      *shared = g_getenv ("UB_SHARED");
  g_autofree char *name = g_strdup_printf ("mt6789-xml-20241031-%s.txt", part);
  g_autofree char *path = g_build_filename (shared != NULL ? shared : "../shared",
                                            "protocol",
                                            "transcripts",
                                            name,
                                            NULL);
  char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    g_test_skip ("no recording");
  return text;
}

/* START and its answer, which every recording begins with */
static void
add_start (GString *text, const char *recording)
{
  g_string_append_len (text, recording, strstr (recording, "\n# ") + 1 - recording);
}

/* the @n-th command (from 1) called @name, from its heading to the next */
static void
add_command (GString *text, const char *recording, const char *name, guint n)
{
  g_autofree char *heading = g_strdup_printf ("\n# %s\n", name);
  const char      *begin = recording;
  const char      *end;

  for (guint i = 0; i < n; i++)
    {
      begin = strstr (begin, heading);
      g_assert_nonnull (begin);
      begin += strlen (heading);
    }
  end = strstr (begin, "\n# ");
  g_string_append_len (text, begin, end != NULL ? end + 1 - begin : (gssize) strlen (begin));
}

/* a host reads START when it has something to say, so the last START of a conversation stays unsaid */
static void
drop_last_start (GString *text)
{
  char *end = strstr (text->str, "CMD:START");

  for (char *next = end; next != NULL; next = strstr (next + 1, "CMD:START"))
    end = next;
  while (end > text->str && strncmp (end, "\nD>H efeeeefe", 13) != 0)
    end--;
  g_string_truncate (text, (gsize) (end + 1 - text->str));
}

static void
change (GString *text, const char *recorded, const char *ours)
{
  g_assert_cmpuint (g_string_replace (text, recorded, ours, 0), >, 0);
}

static void
open_text (Talk *self, GString *text)
{
  g_autofree char *recording = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (choices); i++)
    g_string_replace (text, choices[i].recorded, choices[i].ours, 0);
  recording = test_xml_to_recording (text->str);
  talk_open_recording (self, recording);
}

/* one command of DA2's; NULL: no recordings here */
static GString *
begin_with (const char *name, guint n)
{
  g_autofree char *recording = load ("stage2");
  GString         *text;

  if (recording == NULL)
    return NULL;
  text = g_string_new (NULL);
  add_start (text, recording);
  add_command (text, recording, name, n);
  drop_last_start (text);
  return text;
}

/* --- start --- */

static GString *
begin_start (const char *runtime_version, guint boot)
{
  g_autofree char *one = load ("stage1");
  g_autofree char *two = load ("stage2");
  GString         *text;

  if (one == NULL || two == NULL)
    return NULL;
  text = g_string_new (NULL);
  add_start (text, one);
  add_command (text, one, "SET-RUNTIME-PARAMETER", strcmp (runtime_version, "1.1") == 0 ? 2 : 5);
  add_command (text, one, "HOST-SUPPORTED-COMMANDS", 1);
  add_command (text, one, "SET-HOST-INFO", 1);
  add_command (text, one, "NOTIFY-INIT-HW", 1);
  add_command (text, one, "BOOT-TO", boot);
  change (text, "H>D 00000002   ; packet", "H>D 00000000   ; packet");
  if (boot != 4)
    return text;
  /* nobody asked this DA2 for it; it does not know many others either */
  add_command (text, two, "CAN-HIGHER-USB-SPEED", 1);
  change (
      text,
      "CMD:CAN-HIGHER-USB-SPEED</command><arg><target_file>MEM://0x10000:0x200000</target_file>",
      "CMD:HOST-SUPPORTED-COMMANDS</command><arg><host_capability>CMD:DOWNLOAD-FILE^1@CMD:FILE-"
      "SYS-OPERATION^1@CMD:PROGRESS-REPORT^1@CMD:UPLOAD-FILE^1@</host_capability>");
  add_command (text, two, "NOTIFY-INIT-HW", 1);
  add_command (text, two, "GET-SYS-PROPERTY", 1);
  add_command (text, two, "GET-DA-INFO", 1);
  add_command (text, two, "GET-HW-INFO", 1);
  drop_last_start (text);
  return text;
}

static gboolean
run_start (Talk *self, GString *text, UbDaReport *report)
{
  UbDaSetup setup = { .da1_address = 0x2000000,
                      .da2_address = 0x40000000,
                      .da2_signature = SIGNATURE,
                      .brom = { .is_boot_rom = TRUE } };
  gboolean  ok;

  setup.da1 = g_bytes_new_static ("da1!", 4);
  setup.da2 = g_bytes_new_take (g_malloc0 (DA2_SIZE + SIGNATURE), DA2_SIZE + SIGNATURE);
  open_text (self, text);
  ub_link_replay_set_lenient_blocks (UB_LINK_REPLAY (self->replay), TRUE);
  ok = ub_da_xml_start_after_jump (UB_DA_XML (self->da),
                                   &setup,
                                   report,
                                   talk_tell,
                                   self,
                                   NULL,
                                   &self->error);
  g_bytes_unref (setup.da1);
  g_bytes_unref (setup.da2);
  return ok;
}

/* set-up with its second block, DA2 without its signature in packets of 4 KiB, a property without a NUL, the report */
static void
test_start (void)
{
  static const guint8 random_id[] = { 0xff, 0x08, 0x47, 0x37, 0xd5, 0x9d, 0x71, 0xf7,
                                      0x75, 0xc8, 0x9e, 0x97, 0x28, 0xd2, 0x6c, 0xd5 };
  g_auto (Talk) talk = { 0 };
  g_autoptr (GString) text = begin_start ("1.1", 4);
  UbDaReport report = { 0 };

  if (text == NULL)
    return;
  change (text, "<source_file>da2</source_file>", "<source_file>MEM://0x0:0x51004</source_file>");
  talk_check (&talk, run_start (&talk, text, &report));
  g_assert_cmpint (report.storage, ==, UB_STORAGE_EMMC);
  g_assert_cmpuint (report.sector_size, ==, 512);
  g_assert_cmpuint (report.boot1_size, ==, 0x400000);
  g_assert_cmpuint (report.boot2_size, ==, 0x400000);
  g_assert_cmpuint (report.rpmb_size, ==, 0x400000);
  g_assert_cmpuint (report.user_size, ==, 0x4000000);
  g_assert_cmpuint (report.ram_size, ==, 0x40000000);
  g_assert_cmpmem (report.cid, 16, test_cid, 16);
  g_assert_cmpmem (report.memory_id, 16, test_cid, 16);
  g_assert_cmpmem (report.random_id, 16, random_id, 16);
  g_assert_true (report.cid_is_unique);
  g_assert_false (report.login_done);
  g_assert_cmpstr (report.agent, ==, "2021, Oct 31 2024:11:18:07");
  g_assert_cmpint (UB_DA_XML (talk.da)->battery_mv, ==, 3900);
  g_assert_cmpuint (talk.told, ==, 4 + DA2_SIZE + SIGNATURE);
}

/* version 1.1 without its second block is refused: ours has it */
static void
test_start_second_block (void)
{
  g_autofree char *recording = load ("stage1");
  g_autofree char *ours = ub_da_xml_messages_runtime (UB_DA_BATTERY_AUTO, TRUE);
  g_autoptr (GString) text = g_string_new (NULL);

  if (recording == NULL)
    return;
  add_command (text, recording, "SET-RUNTIME-PARAMETER", 5);
  g_assert_nonnull (strstr (text->str, "<result>ERR</result>"));
  g_string_truncate (text, 0);
  add_command (text, recording, "SET-RUNTIME-PARAMETER", 2);
  change (text, "<checksum_level>NONE", "<checksum_level>USB");
  change (text, "<system_os>LINUX", "<system_os>WINDOWS");
  g_assert_nonnull (strstr (text->str, ours));
}

/* DA1 knows its DA2 */
static void
test_start_wrong_second (void)
{
  g_auto (Talk) talk = { 0 };
  g_autoptr (GString) text = begin_start ("1.1", 2);
  UbDaReport report = { 0 };

  if (text == NULL)
    return;
  change (text,
          "<source_file>da2-changed</source_file>",
          "<source_file>MEM://0x0:0x51004</source_file>");
  drop_last_start (text);
  talk_check_failed (&talk,
                     run_start (&talk, text, &report),
                     UB_ERROR_BAD_AGENT,
                     "DA Hash mismatch. Check these: 1. EMI setting");
}

/* --- read --- */

static void
test_read (void)
{
  g_auto (Talk) talk = { 0 };
  g_autoptr (GString) text = begin_with ("READ-FLASH", 1);

  if (text == NULL)
    return;
  change (text, "gpt.bin", "MEM://0x0:0x4400");
  open_text (&talk, text);
  talk_check (&talk, talk_read (&talk, UB_REGION_EMMC_USER, 0, 0x4400));
  g_assert_cmpuint (talk.taken->len, ==, 0x4400);
  g_assert_cmpuint (talk.told, ==, 0x4400);
}

/* packets of 64 KiB, and a last one of what is left */
static void
test_read_odd (void)
{
  g_auto (Talk) talk = { 0 };
  g_autoptr (GString) text = begin_with ("READ-FLASH", 2);

  if (text == NULL)
    return;
  change (text, "o.bin", "MEM://0x0:0x21235");
  open_text (&talk, text);
  talk_check (&talk, talk_read (&talk, UB_REGION_EMMC_USER, 0x123, 0x21235));
  g_assert_cmpuint (talk.taken->len, ==, 0x21235);
}

static void
test_read_boot (void)
{
  g_auto (Talk) talk = { 0 };
  g_autoptr (GString) text = begin_with ("READ-FLASH", 3);

  if (text == NULL)
    return;
  change (text, "b.bin", "MEM://0x0:0x1000");
  open_text (&talk, text);
  talk_check (&talk, talk_read (&talk, UB_REGION_EMMC_BOOT1, 0, 0x1000));
  g_assert_cmpuint (talk.taken->len, ==, 0x1000);
}

static void
test_read_too_long (void)
{
  g_auto (Talk) talk = { 0 };
  g_autoptr (GString) text = begin_with ("READ-FLASH", 5);

  if (text == NULL)
    return;
  g_assert_nonnull (strstr (text->str, "Read length[4000001]"));
  change (text, "<target_file>x</target_file>", "<target_file>MEM://0x0:0x2000000</target_file>");
  change (text, "<length>0x4000001</length>", "<length>0x2000000</length>");
  open_text (&talk, text);
  talk_check_failed (&talk,
                     talk_read (&talk, UB_REGION_EMMC_USER, 0, 0x4000001),
                     UB_ERROR_STORAGE_READ,
                     "Read length[4000001] is larger than partition max size[4000000]");
}

static void
test_read_unknown_section (void)
{
  g_auto (Talk) talk = { 0 };
  g_autoptr (GString) text = begin_with ("READ-FLASH", 6);

  if (text == NULL)
    return;
  g_assert_nonnull (strstr (text->str, "UFS-LUA0"));
  change (text, "<target_file>x</target_file>", "<target_file>MEM://0x0:0x1000</target_file>");
  open_text (&talk, text);
  talk_check_failed (&talk,
                     talk_read (&talk, UB_REGION_UFS_LU0, 0, 0x1000),
                     UB_ERROR_STORAGE_READ,
                     "Cannot find [UFS-LUA0] on current device storage.");
}

/* --- write --- */

/* size, erasing, data: served in that order here, in any by the same code */
static void
test_write (void)
{
  g_auto (Talk) talk = { 0 };
  g_autoptr (GString) text = begin_with ("WRITE-FLASH", 1);

  if (text == NULL)
    return;
  change (text, "w.img", "MEM://0x0:0x3000");
  change (text, "H>D 'OK@0x0\\x00'   ; before", "H>D 'OK@0xfa060c00\\x00'   ; before");
  open_text (&talk, text);
  talk_check (&talk, talk_write (&talk, 0x1400000, 0x3000));
  g_assert_cmpuint (talk.told, ==, 0x3000);
}

/* packets of 2 MiB; nothing of ours behind the last one */
static void
test_write_packets (void)
{
  g_auto (Talk) talk = { 0 };
  g_autoptr (GString) text = begin_with ("WRITE-FLASH", 2);

  if (text == NULL)
    return;
  change (text, "big.img", "MEM://0x0:0x500001");
  open_text (&talk, text);
  ub_link_replay_set_lenient_blocks (UB_LINK_REPLAY (talk.replay), TRUE);
  talk.content.seed = talk.content.step = 0;
  talk_check (&talk, talk_write (&talk, 0x1400000, 0x500001));
  g_assert_cmpuint (talk.content.calls, ==, 3);
}

/* the sum that the agent compares, with an end that is no whole word */
static void
test_write_checksum (void)
{
  g_auto (Talk) talk = { 0 };
  g_autofree char *recording = load ("checksum-u32");
  g_autoptr (GString) text = g_string_new (recording);

  if (recording == NULL)
    return;
  drop_last_start (text);
  change (text, ">w<", ">MEM://0x0:0x3003<");
  open_text (&talk, text);
  talk_check (&talk, talk_write (&talk, 0x1400000, 0x3003));
}

/* END where an OK was expected: the packet once more, in a new command */
static void
test_write_checksum_wrong (void)
{
  g_auto (Talk) talk = { 0 };
  g_autofree char *wrong = load ("checksum-wrong");
  g_autofree char *right = load ("checksum-u32");
  g_autoptr (GString) text = g_string_new (wrong);

  if (wrong == NULL || right == NULL)
    return;
  /* the recordings' host took END for the answer, and heard no more */
  g_string_append (text, "H>D 'OK\\x00'\n");
  g_string_append (text, right);
  drop_last_start (text);
  change (text, ">w<", ">MEM://0x0:0x3003<");
  change (text, "OK@0x12345678", "OK@0xfa060c1e");
  open_text (&talk, text);
  talk_check (&talk, talk_write (&talk, 0x1400000, 0x3003));
  g_assert_cmpuint (talk.content.calls, ==, 1);
}

/* the agent asks for .sig and -verified of our file: there are none */
static void
test_write_part (void)
{
  g_auto (Talk) talk = { 0 };
  g_autoptr (GString) text = begin_with ("WRITE-PARTITION", 2);

  if (text == NULL)
    return;
  change (text,
          "<source_file>nv.img</source_file></arg></da>",
          "<source_file>nv.img</source_file><pre_erase>NO</pre_erase></arg></da>");
  change (text, ">nv", ">nvram");
  change (text, ">nvramram<", ">nvram<");
  change (text, "H>D 'OK@0x0\\x00'   ; before", "H>D 'OK@0xfa060c00\\x00'   ; before");
  open_text (&talk, text);
  talk_check (&talk, talk_write_part (&talk, "nvram", 0x3000));
  g_assert_cmpuint (talk.told, ==, 0x3000);
}

/* the policy speaks when all data are there */
static void
test_write_part_refused (void)
{
  g_auto (Talk) talk = { 0 };
  g_autoptr (GString) text = begin_with ("WRITE-PARTITION", 1);

  if (text == NULL)
    return;
  change (text,
          "<source_file>lk.img</source_file></arg></da>",
          "<source_file>lk.img</source_file><pre_erase>NO</pre_erase></arg></da>");
  change (text, "H>D 'OK@0x0\\x00'   ; before", "H>D 'OK@0xfa060c00\\x00'   ; before");
  open_text (&talk, text);
  talk_check_failed (&talk,
                     talk_write_part (&talk, "lk", 0x3000),
                     UB_ERROR_REFUSED,
                     "\"Security deny [lk] Signature(Entity) invalid.\"");
}

/* "ERR" to the size, then END */
static void
test_write_part_too_big (void)
{
  g_auto (Talk) talk = { 0 };
  g_autoptr (GString) text = begin_with ("WRITE-PARTITION", 3);

  if (text == NULL)
    return;
  change (text,
          "<source_file>huge.img</source_file></arg></da>",
          "<source_file>huge.img</source_file><pre_erase>NO</pre_erase></arg></da>");
  change (text, "huge", "lk");
  open_text (&talk, text);
  talk_check_failed (&talk,
                     talk_write_part (&talk, "lk", 0x100001),
                     UB_ERROR_IMAGE_TOO_BIG,
                     "Data size bigger than partition max size.");
}

/* after its END with an error this agent goes on */
static void
test_write_part_unknown_then_on (void)
{
  g_auto (Talk) talk = { 0 };
  g_autofree char *recording = load ("stage2");
  g_autoptr (GString) text = begin_with ("WRITE-PARTITION", 4);

  if (text == NULL)
    return;
  add_start (text, recording);
  add_command (text, recording, "READ-FLASH", 3);
  drop_last_start (text);
  change (text, "b.bin", "MEM://0x0:0x1000");
  change (text,
          "<source_file>lk.img</source_file></arg></da>",
          "<source_file>nosuch.img</source_file><pre_erase>NO</pre_erase></arg></da>");
  open_text (&talk, text);
  g_assert_false (talk_write_part (&talk, "nosuch", 0x3000));
  g_assert_error (talk.error, UB_ERROR, UB_ERROR_STORAGE_WRITE);
  g_assert_nonnull (strstr (talk.error->message, "Cannot find [nosuch] info"));
  talk_check (&talk, talk_read (&talk, UB_REGION_EMMC_BOOT1, 0, 0x1000));
}

/* --- the rest --- */

static void
test_erase (void)
{
  g_auto (Talk) talk = { 0 };
  g_autoptr (GString) text = begin_with ("ERASE-FLASH", 1);

  if (text == NULL)
    return;
  open_text (&talk, text);
  talk_check (&talk, talk_erase (&talk, 0x1400000, 0x400000));
  g_assert_cmpuint (talk.told, ==, 0x400000);
}

static void
test_erase_too_long (void)
{
  g_auto (Talk) talk = { 0 };
  g_autoptr (GString) text = begin_with ("ERASE-FLASH", 2);

  if (text == NULL)
    return;
  open_text (&talk, text);
  talk_check_failed (&talk,
                     talk_erase (&talk, 0x3f00000, 0x400000),
                     UB_ERROR_STORAGE_ERASE,
                     "erase length is larger than partition max size.");
}

static void
test_read_layout (void)
{
  g_auto (Talk) talk = { 0 };
  g_autoptr (GString) text = begin_with ("READ-PARTITION-TABLE", 1);
  g_autoptr (UbLayout) layout = NULL;
  const UbLayoutEntry *nvram;

  if (text == NULL)
    return;
  open_text (&talk, text);
  layout = talk.klass->read_layout (talk.da, &talk.error);
  talk_check (&talk, layout != NULL);
  g_assert_cmpuint (layout->entries->len, ==, 6);
  nvram = ub_layout_find (layout, "nvram");
  g_assert_cmpint (nvram->region, ==, UB_REGION_EMMC_USER);
  g_assert_cmpuint (nvram->start, ==, 0x200000);
  g_assert_cmpuint (nvram->size, ==, 0x200000);
}

static void
test_finish (void)
{
  g_auto (Talk) talk = { 0 };
  g_autofree char *recording = load ("stage2");
  g_autoptr (GString) text = g_string_new (NULL);

  if (recording == NULL)
    return;
  add_start (text, recording);
  add_command (text, recording, "REBOOT", 1);
  open_text (&talk, text);
  talk_check (&talk, talk_finish (&talk, UB_DA_FINISH_REBOOT));
}

/* DA1 does not know DA2's commands, says so, and goes on */
static void
test_unsupported (void)
{
  g_auto (Talk) talk = { 0 };
  g_autofree char *recording = load ("stage1");
  g_autoptr (GString) text = g_string_new (NULL);

  if (recording == NULL)
    return;
  add_start (text, recording);
  add_command (text, recording, "READ-FLASH", 1);
  drop_last_start (text);
  change (text,
          "<target_file>MEM://0x10000:0x200000</target_file>",
          "<partition>EMMC-USER</partition><target_file>MEM://0x0:0x200</target_file>"
          "<offset>0x0</offset><length>0x200</length>");
  open_text (&talk, text);
  talk_check_failed (&talk,
                     talk_read (&talk, UB_REGION_EMMC_USER, 0, 0x200),
                     UB_ERROR_UNSUPPORTED,
                     "does not know how");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/da/replay-xml/start", test_start);
  g_test_add_func ("/da/replay-xml/start-second-block", test_start_second_block);
  g_test_add_func ("/da/replay-xml/start-wrong-second", test_start_wrong_second);
  g_test_add_func ("/da/replay-xml/read", test_read);
  g_test_add_func ("/da/replay-xml/read-odd", test_read_odd);
  g_test_add_func ("/da/replay-xml/read-boot", test_read_boot);
  g_test_add_func ("/da/replay-xml/read-too-long", test_read_too_long);
  g_test_add_func ("/da/replay-xml/read-unknown-section", test_read_unknown_section);
  g_test_add_func ("/da/replay-xml/write", test_write);
  g_test_add_func ("/da/replay-xml/write-packets", test_write_packets);
  g_test_add_func ("/da/replay-xml/write-checksum", test_write_checksum);
  g_test_add_func ("/da/replay-xml/write-checksum-wrong", test_write_checksum_wrong);
  g_test_add_func ("/da/replay-xml/write-part", test_write_part);
  g_test_add_func ("/da/replay-xml/write-part-refused", test_write_part_refused);
  g_test_add_func ("/da/replay-xml/write-part-too-big", test_write_part_too_big);
  g_test_add_func ("/da/replay-xml/write-part-unknown-then-on", test_write_part_unknown_then_on);
  g_test_add_func ("/da/replay-xml/erase", test_erase);
  g_test_add_func ("/da/replay-xml/erase-too-long", test_erase_too_long);
  g_test_add_func ("/da/replay-xml/read-layout", test_read_layout);
  g_test_add_func ("/da/replay-xml/finish", test_finish);
  g_test_add_func ("/da/replay-xml/unsupported", test_unsupported);
  return g_test_run ();
}
