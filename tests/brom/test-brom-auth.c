/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "brom/ub-brom-auth.h"

#include "base/ub-error.h"
#include "link/ub-link-replay.h"
#include "tests/brom/test-link.h"
#include "wire/ub-checksum.h"

#include <string.h>

/* conversations made up by us from shared/protocol/brom-and-legacy.md §2.7 */

static char *
path_of (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "data", "keys", name, NULL);
}

static UbKey *
open_key (void)
{
  g_autofree char *path = path_of ("pkcs8.pem");
  g_autoptr (GError) error = NULL;
  UbKey *key = ub_key_open (path, &error);

  g_assert_no_error (error);
  return key;
}

static char *
load_hex (const char *name)
{
  g_autofree char *path = path_of (name);
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  GString *hex = g_string_new (NULL);
  gsize    size = 0;

  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (hex, "%02x", (guint8) data[i]);
  return g_string_free (hex, FALSE);
}

static void
check (const char *text,
       guint32     target,
       gboolean    is_boot_rom,
       UbBromAuth  auth,
       int         code,
       const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbLink) link = ub_link_replay_new_from_text (text, &error);
  UbBromInfo info = { .is_boot_rom = is_boot_rom, .target_config = target };

  g_assert_no_error (error);
  if (code < 0)
    {
      g_assert_true (ub_brom_auth_run (link, &info, &auth, NULL, &error));
      g_assert_no_error (error);
    }
  else
    {
      g_assert_false (ub_brom_auth_run (link, &info, &auth, NULL, &error));
      g_assert_error (error, UB_ERROR, code);
      if (strstr (error->message, words) == NULL)
        g_error ("“%s” instead of “%s”", error->message, words);
    }
  g_assert_true (ub_link_replay_is_finished (UB_LINK_REPLAY (link)));
}

#define AUTH_3 "H>D e2\nD>H e2\nH>D 00000003\nD>H 00000003\n"
#define CERT_2 "H>D e0\nD>H e0\nH>D 00000002\nD>H 00000002\n"
#define LOGIN "H>D e3\nD>H e3\n"
#define ALL (UB_TARGET_SBC | UB_TARGET_SLA | UB_TARGET_DAA)

typedef struct
{
  GBytes    *auth;
  GBytes    *cert;
  UbKey     *key;
  UbBromAuth all;
  char      *login; /* a whole one, but for its last status */
} Files;

static void
set_up (Files *files, gconstpointer data)
{
  g_autofree char *challenge = load_hex ("challenge.bin");
  g_autofree char *answer = load_hex ("answer.bin");

  files->auth = g_bytes_new_static ("\1\2\3", 3);
  files->cert = g_bytes_new_static ("\7\1", 2);
  files->key = open_key ();
  files->all = (UbBromAuth){ files->auth, files->cert, files->key };
  files->login = g_strdup_printf (LOGIN "D>H 0000\nD>H 00000010\nD>H %s\n"
                                        "H>D 00000100\nD>H 00000100\nD>H 0000\nH>D %s\n",
                                  challenge,
                                  answer);
}

static void
tear_down (Files *files, gconstpointer data)
{
  g_bytes_unref (files->auth);
  g_bytes_unref (files->cert);
  ub_key_unref (files->key);
  g_free (files->login);
}

static void
test_order (Files *files, gconstpointer data)
{
  g_autofree char *text = g_strconcat (AUTH_3 "D>H 0000\nH>D 010203\nD>H 0202\nD>H 0000\n" CERT_2
                                              "D>H 0000\nH>D 0701\nD>H 0107\nD>H 0000\n",
                                       files->login,
                                       "D>H 0000\n",
                                       NULL);

  check (text, ALL, TRUE, files->all, -1, NULL);
}

/* an open phone is told nothing, and a phone that wants what the person has not is told no less */
static void
test_not_asked (Files *files, gconstpointer data)
{
  check ("", 0, TRUE, files->all, -1, NULL);
  check ("", UB_TARGET_SBC | UB_TARGET_EPP, TRUE, files->all, -1, NULL);
  check ("", ALL, TRUE, (UbBromAuth){ 0 }, -1, NULL);
  /* a preloader need not know the commands for files */
  check ("", UB_TARGET_DAA, FALSE, files->all, -1, NULL);
}

static void
test_not_needed (Files *files, gconstpointer data)
{
  check (AUTH_3 "D>H 1d0c\n" CERT_2 "D>H 1d0c\n", UB_TARGET_DAA, TRUE, files->all, -1, NULL);
}

/* what is below 1000 only tells something */
static void
test_warnings (Files *files, gconstpointer data)
{
  check (AUTH_3 "D>H 00ff\nH>D 010203\nD>H 0202\nD>H 0fff\n",
         UB_TARGET_DAA,
         TRUE,
         (UbBromAuth){ .auth = files->auth },
         -1,
         NULL);
}

static void
test_refused (Files *files, gconstpointer data)
{
  check (AUTH_3 "D>H 0000\nH>D 010203\nD>H 0202\nD>H 2000\n",
         UB_TARGET_DAA,
         TRUE,
         files->all,
         UB_ERROR_NEEDS_AUTH,
         "authorisation file: the phone does not take it, status 0x2000");
  check (AUTH_3 "D>H 1d12\n",
         UB_TARGET_DAA,
         TRUE,
         files->all,
         UB_ERROR_NEEDS_AUTH,
         "authorisation file");
  check (CERT_2 "D>H 0000\nH>D 0701\nD>H 0107\nD>H 2000\n",
         UB_TARGET_DAA,
         TRUE,
         (UbBromAuth){ .cert = files->cert },
         UB_ERROR_NEEDS_AUTH,
         "certificate: the phone does not take it");
  /* damaged on the cable: not the file's fault, whatever the phone thinks of it */
  check (AUTH_3 "D>H 0000\nH>D 010203\nD>H 0203\nD>H 2000\n",
         UB_TARGET_DAA,
         TRUE,
         files->all,
         UB_ERROR_CHECKSUM,
         "0x0203");
}

static void
test_empty_file (Files *files, gconstpointer data)
{
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);

  check ("", ALL, TRUE, (UbBromAuth){ .auth = empty }, UB_ERROR_NEEDS_AUTH, "authorisation file");
}

static void
test_login (Files *files, gconstpointer data)
{
  const UbBromAuth auth = { .key = files->key };
  g_autofree char *good = g_strconcat (files->login, "D>H 0fff\n", NULL);
  g_autofree char *bad = g_strconcat (files->login, "D>H 7017\n", NULL);

  check (good, UB_TARGET_SLA, TRUE, auth, -1, NULL);
  check (good, UB_TARGET_SLA, FALSE, auth, -1, NULL);
  check (bad,
         UB_TARGET_SLA,
         TRUE,
         auth,
         UB_ERROR_NEEDS_AUTH,
         "the answer made with this key: the phone does not take it, status 0x7017");
  /* done before us; nothing asked; refused */
  check (LOGIN "D>H 7017\n", UB_TARGET_SLA, TRUE, auth, -1, NULL);
  check (LOGIN "D>H 0000\nD>H 00000000\n", UB_TARGET_SLA, TRUE, auth, -1, NULL);
  check (LOGIN "D>H 1d1d\n", UB_TARGET_SLA, TRUE, auth, UB_ERROR_NEEDS_AUTH, "login");
}

static void
test_login_hostile (Files *files, gconstpointer data)
{
  const UbBromAuth auth = { .key = files->key };

  check (LOGIN "D>H 0000\nD>H ffffffff\n",
         UB_TARGET_SLA,
         TRUE,
         auth,
         UB_ERROR_PROTOCOL,
         "4294967295");
  check (LOGIN "D>H 0000\nD>H 0000000f\n",
         UB_TARGET_SLA,
         TRUE,
         auth,
         UB_ERROR_PROTOCOL,
         "15 bytes");
  check (LOGIN "D>H 0000\nD>H 00000002\nD>H 0102\nH>D 00000100\nD>H 00010000\n",
         UB_TARGET_SLA,
         TRUE,
         auth,
         UB_ERROR_PROTOCOL,
         "came back");
  check (LOGIN "D>H 0000\nD>H 00000002\nD>H 0102\nH>D 00000100\nD>H 00000100\nD>H 1d12\n",
         UB_TARGET_SLA,
         TRUE,
         auth,
         UB_ERROR_NEEDS_AUTH,
         "key's length");
}

/* a command that a preloader does not know is echoed, and then there is silence */
static void
test_login_unknown (Files *files, gconstpointer data)
{
  const UbBromAuth auth = { .key = files->key };

  check (LOGIN, UB_TARGET_SLA, FALSE, auth, -1, NULL);
  check (LOGIN, UB_TARGET_SLA, TRUE, auth, UB_ERROR_LINK_TIMEOUT, "");
}

/* --- how it is cut --- */

typedef struct
{
  gsize     header;
  gsize     left;
  GArray   *transfers; /* of gsize, of the content */
  guint16   sum;
  gboolean  odd;
  gint64    last; /* when the last transfer came */
  TestLink *link;
} Taker;

static void
take (TestLink *link, const guint8 *data, gsize size, gpointer user_data)
{
  Taker *taker = user_data;

  if (taker->header == 5)
    {
      g_array_append_val (taker->transfers, size);
      taker->last = link->now;
    }
  for (gsize i = 0; i < size; i++)
    {
      if (taker->header < 5)
        {
          if (taker->header > 0)
            taker->left = taker->left << 8 | data[i];
          test_link_say_byte (link, data[i]);
          if (++taker->header == 5)
            test_link_say (link, "\0\0", 2);
          continue;
        }
      taker->sum ^= taker->odd ? (guint16) (data[i] << 8) : data[i];
      taker->odd = !taker->odd;
      taker->left--;
    }
  if (taker->header == 5 && size == 0)
    {
      g_assert_cmpuint (taker->left, ==, 0);
      test_link_say_byte (link, (guint8) (taker->sum >> 8));
      test_link_say_byte (link, (guint8) taker->sum);
      test_link_say (link, "\0\0", 2);
    }
}

static void
check_pieces (gsize size, const char *speed, gsize packet)
{
  Taker taker = { .transfers = g_array_new (FALSE, FALSE, sizeof (gsize)) };
  g_autoptr (UbLink) link = test_link_new (take, NULL, &taker);
  g_autofree guint8 *data = g_malloc (size);
  g_autoptr (GBytes) file = NULL;
  g_autoptr (GError) error = NULL;
  const UbBromInfo info = { .is_boot_rom = TRUE, .target_config = UB_TARGET_DAA };
  gsize            sum = 0;

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (i * 11 + i / 256);
  file = g_bytes_new (data, size);
  TEST_LINK (link)->speed = speed;
  g_assert_true (ub_brom_auth_run (link, &info, &(UbBromAuth){ .auth = file }, NULL, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < taker.transfers->len; i++)
    {
      g_assert_cmpuint (g_array_index (taker.transfers, gsize, i), <=, packet);
      sum += g_array_index (taker.transfers, gsize, i);
    }
  g_assert_cmpuint (sum, ==, size);
  g_assert_cmpuint (taker.transfers->len, ==, (size + packet - 1) / packet + 1);
  /* it was given its time */
  g_assert_cmpint (ub_link_now (link) - taker.last, >=, 35000);
  g_array_unref (taker.transfers);
}

static void
test_pieces (void)
{
  check_pieces (2048, "high", 512);
  check_pieces (2049, "high", 512);
  check_pieces (100, "full", 64);
}

static void
test_cancelled (Files *files, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (UbLink) link = ub_link_replay_new_from_text ("", NULL);
  const UbBromInfo info = { .is_boot_rom = TRUE, .target_config = ALL };

  g_cancellable_cancel (cancellable);
  g_assert_false (ub_brom_auth_run (link, &info, &files->all, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/brom/auth/" name, Files, NULL, set_up, function, tear_down)
  ADD ("order", test_order);
  ADD ("not-asked", test_not_asked);
  ADD ("not-needed", test_not_needed);
  ADD ("warnings", test_warnings);
  ADD ("refused", test_refused);
  ADD ("empty-file", test_empty_file);
  ADD ("login", test_login);
  ADD ("login-hostile", test_login_hostile);
  ADD ("login-unknown", test_login_unknown);
  ADD ("cancelled", test_cancelled);
  g_test_add_func ("/brom/auth/pieces", test_pieces);
  return g_test_run ();
}
