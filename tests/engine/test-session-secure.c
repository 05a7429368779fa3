/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"
#include "tests/engine/test-session-modes.h"

/* Phones that are locked to their maker: with its own files everything works, without them nothing
 * happens, and either is said in words. */

#define LOCKED (UB_TARGET_SBC | UB_TARGET_SLA | UB_TARGET_DAA)

typedef struct
{
  const char *name;
  const char *chip;
  UbEnter     enter;
} Phone;

static const Phone phones[] = {
  { "legacy-preloader", "MT6580", UB_ENTER_PRELOADER },
  { "legacy-boot-rom", "MT6580", UB_ENTER_BOOT_ROM },
  { "xflash-preloader", "MT6765", UB_ENTER_PRELOADER },
  { "xflash-boot-rom", "MT6765", UB_ENTER_BOOT_ROM },
  { "xml-preloader", "MT6789", UB_ENTER_PRELOADER },
  { "xml-boot-rom", "MT6789", UB_ENTER_BOOT_ROM },
};

static gboolean
is_legacy (const Phone *phone)
{
  return g_str_has_prefix (phone->name, "legacy");
}

static Bench *
bench_locked (const Phone *phone, guint32 locks, gboolean agent_login)
{
  const UbPracticePhoneOptions options = { .chip = phone->chip,
                                           .enter = phone->enter,
                                           .target_config = locks,
                                           .agent_login = agent_login };

  return bench_new_full (&options, FALSE);
}

static char *
path_of (Bench *bench, const char *name)
{
  return g_build_filename (bench->folder, name, NULL);
}

static char *
strangers_key (void)
{
  return g_test_build_filename (G_TEST_DIST, "data", "keys", "pkcs8.pem", NULL);
}

static void
run_options (Bench *bench, UbSessionOptions options)
{
  g_autoptr (UbPlan) plan = plan_all (bench);

  options.wait_ms = 60000;
  options.trace = TRUE;
  run_plan (bench, plan, &options);
}

static void
assert_refused (Bench *bench, const char *words)
{
  assert_failed (bench, UB_ERROR_NEEDS_AUTH);
  if (strstr (ub_report_get_error (bench->report)->message, words) == NULL)
    g_error ("“%s” instead of “%s”", ub_report_get_error (bench->report)->message, words);
  assert_untouched (bench);
}

/* a container for the same chip, of nobody in particular; (transfer full) */
static char *
make_generic (Bench *bench, const Phone *phone, const char *name)
{
  const UbPracticePhoneOptions options = { .chip = phone->chip };
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPracticePhone) open = ub_practice_phone_new (&options, &error);
  g_autofree char *folder = g_build_filename (bench->home, name, NULL);
  g_autoptr (UbFirmware) firmware = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  ub_practice_firmware_write (open, folder, MIB, FALSE, &error);
  g_assert_no_error (error);
  firmware = open_firmware (folder);
  return g_strdup (g_ptr_array_index (ub_firmware_get_agents (firmware), 0));
}

/* --- with the maker's files --- */

/* the package brings what is signed, and the person the key */
static void
test_download (gconstpointer data)
{
  const Phone *phone = data;
  g_autoptr (Bench) bench = bench_locked (phone, LOCKED, !is_legacy (phone));
  g_autofree char *key = path_of (bench, "practice_key.pem");

  run_options (bench, (UbSessionOptions){ .key_file = key });
  assert_done (bench);
  g_assert_true (has_finding (bench, "content with the maker's login"));
  if (!is_legacy (phone))
    g_assert_true (ub_phone_info_get_report (ub_report_get_phone (bench->report))->login_done);
}

/* named by the person, from elsewhere, and the package has none */
static void
test_named_files (gconstpointer data)
{
  const Phone *phone = data;
  g_autoptr (Bench) bench = bench_locked (phone, LOCKED, FALSE);
  g_autofree char *key = path_of (bench, "practice_key.pem");
  g_autofree char *auth = path_of (bench, "auth_sv5.auth");
  g_autofree char *cert = path_of (bench, "root.cert");
  g_autofree char *far_auth = g_build_filename (bench->home, "a", NULL);
  g_autofree char *far_cert = g_build_filename (bench->home, "c", NULL);

  g_assert_cmpint (g_rename (auth, far_auth), ==, 0);
  g_assert_cmpint (g_rename (cert, far_cert), ==, 0);
  run_options (bench,
               (UbSessionOptions){ .key_file = key, .auth_file = far_auth, .cert_file = far_cert });
  assert_done (bench);
}

/* --- without --- */

static void
test_no_key (gconstpointer data)
{
  g_autoptr (Bench) bench = bench_locked (data, LOCKED, FALSE);

  run_options (bench, (UbSessionOptions){ 0 });
  assert_refused (bench, "wants its maker's login");
}

static void
test_no_key_for_agent (gconstpointer data)
{
  const Phone *phone = data;
  g_autoptr (Bench) bench = NULL;

  if (is_legacy (phone))
    {
      g_test_skip ("its agents know no login");
      return;
    }
  bench = bench_locked (phone, 0, TRUE);
  run_options (bench, (UbSessionOptions){ 0 });
  assert_refused (bench, "");
}

static void
test_wrong_key (gconstpointer data)
{
  g_autoptr (Bench) bench = bench_locked (data, UB_TARGET_SLA, FALSE);
  g_autofree char *key = strangers_key ();

  run_options (bench, (UbSessionOptions){ .key_file = key });
  assert_refused (bench, "the answer made with this key");
}

static void
test_wrong_key_for_agent (gconstpointer data)
{
  const Phone     *phone = data;
  g_autofree char *key = strangers_key ();
  g_autoptr (Bench) bench = NULL;

  if (is_legacy (phone))
    {
      g_test_skip ("its agents know no login");
      return;
    }
  bench = bench_locked (phone, 0, TRUE);
  run_options (bench, (UbSessionOptions){ .key_file = key });
  assert_refused (bench, "");
}

/* files that are not what they should be, or not there */
static void
test_files (void)
{
  const Phone *phone = &phones[1];
  g_autoptr (Bench) bench = bench_locked (phone, LOCKED, FALSE);
  g_autofree char *public_key =
      g_test_build_filename (G_TEST_DIST, "data", "keys", "public.pem", NULL);
  g_autofree char *key = path_of (bench, "practice_key.pem");
  g_autofree char *cert = path_of (bench, "root.cert");
  g_autofree char *empty = g_build_filename (bench->home, "empty.auth", NULL);

  g_assert_true (g_file_set_contents (empty, "", 0, NULL));
  run_options (bench, (UbSessionOptions){ .key_file = public_key });
  assert_refused (bench, "public.pem: a public key");
  plug (bench);
  run_options (bench, (UbSessionOptions){ .key_file = "/nonexistent/key.pem" });
  assert_refused (bench, "/nonexistent/key.pem: ");
  plug (bench);
  run_options (bench, (UbSessionOptions){ .auth_file = "/nonexistent/file.auth" });
  assert_refused (bench, "/nonexistent/file.auth: ");
  plug (bench);
  run_options (bench, (UbSessionOptions){ .auth_file = "/dev/zero" });
  assert_refused (bench, "/dev/zero: not an ordinary file");
  plug (bench);
  run_options (bench, (UbSessionOptions){ .auth_file = empty });
  assert_refused (bench, "empty.auth");
  plug (bench);
  /* one of another kind */
  run_options (bench, (UbSessionOptions){ .auth_file = cert, .key_file = key });
  assert_refused (bench, "authorisation file: the phone does not take it, status 0x2000");
  plug (bench);
  run_options (bench, (UbSessionOptions){ .cert_file = key, .key_file = key });
  assert_refused (bench, "certificate: the phone does not take it");
}

/* what was chosen for another phone once, and is gone since, does not stand in an open phone's way */
static void
test_files_not_needed (gconstpointer data)
{
  g_autoptr (Bench) bench = bench_locked (data, 0, FALSE);

  run_options (bench,
               (UbSessionOptions){ .auth_file = "/nonexistent/file.auth",
                                   .cert_file = "/nonexistent/root.cert",
                                   .key_file = "/nonexistent/key.pem" });
  assert_done (bench);
  g_assert_true (has_finding (bench, "/nonexistent/key.pem"));
}

/* the maker's files are in no journal, for they are the person's: a job that was cut off asks for them again, and is
 * not lost by that */
static void
go_on (Bench *bench, const char *path, const char *key)
{
  UbSessionOptions options = options_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (UbJournal) journal = ub_journal_open (path, &error);
  g_autoptr (UbPlan) plan = NULL;

  g_assert_no_error (error);
  plan = ub_journal_dup_plan (journal, NULL, &error);
  g_assert_no_error (error);
  options.journal = journal;
  options.key_file = key;
  plug (bench);
  run_plan (bench, plan, &options);
}

static void
test_go_on (gconstpointer data)
{
  g_autoptr (Bench) bench = bench_locked (data, LOCKED, FALSE);
  g_autofree char *key = path_of (bench, "practice_key.pem");
  g_autofree char *path = NULL;
  g_autoptr (UbPlan) plan = plan_mode (bench, UB_MODE_FORMAT_ALL, FALSE);
  UbSessionOptions options = options_new ();

  options.key_file = key;
  mischief (bench, "unplug-after-bytes 3000000");
  run_plan (bench, plan, &options);
  assert_failed (bench, UB_ERROR_LINK_LOST);
  path = g_strdup (ub_report_get_can_go_on (bench->report));
  g_assert_nonnull (path);
  go_on (bench, path, NULL);
  assert_failed (bench, UB_ERROR_NEEDS_AUTH);
  g_assert_cmpstr (ub_report_get_can_go_on (bench->report), ==, path);
  go_on (bench, path, "/nonexistent/key.pem");
  assert_failed (bench, UB_ERROR_NEEDS_AUTH);
  g_assert_cmpstr (ub_report_get_can_go_on (bench->report), ==, path);
  go_on (bench, path, key);
  assert_done (bench);
}

/* --- which agent --- */

/* what a person has chosen comes first; refused, the package's comes after it */
static void
test_generic_first (gconstpointer data)
{
  const Phone *phone = data;
  g_autoptr (Bench) bench = bench_locked (phone, UB_TARGET_DAA, FALSE);
  g_autofree char *generic = make_generic (bench, phone, "generic");

  run_options (bench, (UbSessionOptions){ .agent = generic });
  assert_done (bench);
  g_assert_true (has_finding (bench, "did not take the loader"));
}

/* of what lies about the package's is tried first, so nothing is refused */
static void
test_package_first (gconstpointer data)
{
  const Phone *phone = data;
  g_autoptr (Bench) bench = bench_locked (phone, UB_TARGET_DAA, FALSE);
  g_autofree char  *generic = make_generic (bench, phone, "generic");
  const char *const agents[] = { generic, NULL };

  run_options (bench, (UbSessionOptions){ .agents = agents });
  assert_done (bench);
  g_assert_false (has_finding (bench, "did not take the loader"));
}

/* none of the maker's: one retry, and then one honest sentence */
static void
test_all_refused (gconstpointer data)
{
  const Phone *phone = data;
  g_autoptr (Bench) bench = bench_locked (phone, UB_TARGET_DAA, FALSE);
  g_autofree char       *one = make_generic (bench, phone, "one");
  g_autofree char       *two = make_generic (bench, phone, "two");
  g_autofree char       *three = make_generic (bench, phone, "three");
  const char *const      agents[] = { one, two, three, NULL };
  const UbSessionOptions options = { .wait_ms = 60000, .agents = agents, .info_only = TRUE };
  guint                  n = 0;

  run_plan (bench, NULL, &options);
  assert_refused (bench, "this phone only accepts its maker's signed loader");
  for (const char *at = ub_report_get_error (bench->report)->message;
       (at = strstr (at, "0x70")) != NULL;
       at++)
    n++;
  g_assert_cmpuint (n, ==, 2);
  g_assert_nonnull (strstr (ub_report_get_error (bench->report)->message, "1 more not tried"));
}

/* a slip of the fingers is told, though another one did the work */
static void
test_unusable (gconstpointer data)
{
  g_autoptr (Bench) bench = bench_locked (data, 0, FALSE);

  run_options (bench, (UbSessionOptions){ .agent = "/nonexistent/DA.bin" });
  assert_done (bench);
  g_assert_true (has_finding (bench, "/nonexistent/DA.bin"));
}

/* an agent whose refusal has nothing to do with signatures is not blamed on the maker */
static void
test_refused_otherwise (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6580", UB_ENTER_BOOT_ROM);

  mischief (bench, "refuse-agent 1D0E");
  run_options (bench, (UbSessionOptions){ 0 });
  assert_failed (bench, UB_ERROR_AGENT_REFUSED);
  g_assert_true (has_finding (bench, "0x1d0e"));
  assert_untouched (bench);
}

/* the phone asks for a login only when the agent comes, and asks again: it is answered once */
static void
test_asks_for_ever (void)
{
  g_autoptr (Bench) bench = bench_locked (&phones[1], UB_TARGET_SLA, FALSE);
  g_autofree char *key = path_of (bench, "practice_key.pem");

  mischief (bench, "refuse-agent 1D0D");
  run_options (bench, (UbSessionOptions){ .key_file = key });
  assert_refused (bench, "0x1d0d");
}

/* --- memory settings --- */

static void
run_info (Bench *bench, const char *agent, const char *const *preloaders)
{
  const UbSessionOptions options = { .wait_ms = 60000,
                                     .agent = agent,
                                     .preloaders = preloaders,
                                     .info_only = TRUE };

  run_plan (bench, NULL, &options);
}

static const char *
get_origin (Bench *bench)
{
  return ub_phone_info_get_report (ub_report_get_phone (bench->report))->emi_origin;
}

static const char *
get_agent (Bench *bench)
{
  return g_ptr_array_index (ub_firmware_get_agents (bench->firmware), 0);
}

static void
test_emi_of_phone (void)
{
  g_autoptr (Bench) bench = bench_new ("MT6765", UB_ENTER_BOOT_ROM);

  run_info (bench, get_agent (bench), NULL);
  assert_done (bench);
  g_assert_cmpstr (get_origin (bench), ==, "the phone itself");
}

/* the boot area is rubbish, so what is lent has to do */
static void
test_emi_of_folder (gconstpointer data)
{
  const char *chip = data;
  g_autoptr (Bench) bench = bench_new (chip, UB_ENTER_BOOT_ROM);
  g_autofree char   *folder = g_build_filename (bench->home, "preloaders", NULL);
  g_autofree char   *junk = g_build_filename (folder, "preloader_a.bin", NULL);
  g_autofree char   *below = g_build_filename (folder, "preloader_b.bin", NULL);
  g_autofree char   *good = g_build_filename (folder, "PRELOADER_c.BIN", NULL);
  const char *const  lent[] = { "/nonexistent", folder, NULL };
  const char        *own = g_ptr_array_index (ub_firmware_get_preloaders (bench->firmware), 0);
  g_autofree guint8 *rubbish = g_malloc0 (0x10000);

  for (guint i = 0; i < 0x10000; i++)
    rubbish[i] = (guint8) (i * 7);
  memcpy (rubbish + 0x800, "MMM\1\x38\0\0\0", 8);
  memset (rubbish + 0x820, 0xff, 4);
  ub_practice_phone_poke (bench->phone, UB_REGION_EMMC_BOOT1, 0, rubbish, 0x10000);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (below, 0700), ==, 0);
  g_assert_true (g_file_set_contents (junk, "MMM\1\x38", -1, NULL));
  run_info (bench, get_agent (bench), lent);
  assert_failed (bench, UB_ERROR_NO_EMI);
  plug (bench);
  g_assert_cmpint (g_rename (own, good), ==, 0);
  run_info (bench, get_agent (bench), lent);
  assert_done (bench);
  g_assert_cmpstr (get_origin (bench), ==, "PRELOADER_c.BIN");
}

/* --- a boot area that says anything of itself --- */

typedef struct
{
  guint8 *area;
  guint64 size;
  guint64 read;
} Area;

static GBytes *
read_area (guint64 offset, gsize length, gpointer reader_data, GError **error)
{
  Area *area = reader_data;

  g_assert_cmpuint (length, <=, area->size);
  g_assert_cmpuint (offset, <=, area->size - length);
  area->read += length;
  return g_bytes_new (area->area + offset, length);
}

static void
check_area (guint64 size, guint64 at, guint32 length, guint64 most)
{
  Area area = { .area = g_malloc0 (size), .size = size };
  g_autoptr (UbEmi) emi = NULL;

  length = GUINT32_TO_LE (length);
  if (at + 0x24 <= size)
    {
      memcpy (area.area + at, "MMM\1\x38\0\0\0", 8);
      memcpy (area.area + at + 0x20, &length, sizeof length);
    }
  emi = ub_session_emi_find_own (read_area, &area, size, NULL);
  g_assert_null (emi);
  g_assert_cmpuint (area.read, <=, most);
  g_free (area.area);
}

static void
test_emi_hostile (void)
{
  const guint64 head = 0x2000;

  check_area (16 * MIB, G_MAXUINT32, 0, head);
  check_area (16 * MIB, 0x800, G_MAXUINT32, head);
  check_area (16 * MIB, 0x800, 8 * MIB, head);
  check_area (MIB, 0x800, MIB, head);
  check_area (MIB, 0x800, 0, head + 4096);
  check_area (MIB, 0x800, MIB - 0x800, head + MIB);
  check_area (head, head - 0x30, 0x20, head);
  check_area (512, 0, 0x200, 1024);
  check_area (16, G_MAXUINT32, 0, 16);
}

static void
add_for_all (const char *name, void (*function) (gconstpointer))
{
  for (gsize i = 0; i < G_N_ELEMENTS (phones); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/engine/session-secure/%s/%s", name, phones[i].name);

      g_test_add_data_func (path, &phones[i], function);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_for_all ("download", test_download);
  add_for_all ("named-files", test_named_files);
  add_for_all ("no-key", test_no_key);
  add_for_all ("no-key-for-agent", test_no_key_for_agent);
  add_for_all ("wrong-key", test_wrong_key);
  add_for_all ("wrong-key-for-agent", test_wrong_key_for_agent);
  add_for_all ("generic-first", test_generic_first);
  add_for_all ("package-first", test_package_first);
  add_for_all ("all-refused", test_all_refused);
  add_for_all ("unusable", test_unusable);
  add_for_all ("go-on", test_go_on);
  add_for_all ("files-not-needed", test_files_not_needed);
  g_test_add_func ("/engine/session-secure/files", test_files);
  g_test_add_func ("/engine/session-secure/refused-otherwise", test_refused_otherwise);
  g_test_add_func ("/engine/session-secure/asks-for-ever", test_asks_for_ever);
  g_test_add_func ("/engine/session-secure/emi/phone", test_emi_of_phone);
  g_test_add_func ("/engine/session-secure/emi/hostile", test_emi_hostile);
  g_test_add_data_func ("/engine/session-secure/emi/folder/legacy", "MT6580", test_emi_of_folder);
  g_test_add_data_func ("/engine/session-secure/emi/folder/xflash", "MT6765", test_emi_of_folder);
  return g_test_run ();
}
