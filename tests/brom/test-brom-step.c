/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "brom/ub-brom.h"

#include "base/ub-error.h"
#include "tests/brom/test-link.h"

/* Bytes to us that are lost, doubled or somebody else's, at every place of the greeting: whoever is named in the end is who
 * is there. The phone is a few lines of the protocol pages (shared/protocol/brom-and-legacy.md §2), for any chip */

#define PLACES 140 /* more than a greeting has bytes */

typedef enum
{
  FAULT_LOSE,
  FAULT_DOUBLE,
  FAULT_INSERT, /* before the byte */
} FaultKind;

typedef struct
{
  guint     at; /* number of the phone's byte, from 1; 0: no fault */
  FaultKind kind;
  guint8    value;
} Fault;

typedef struct
{
  const UbChip *chip;
  gboolean      preloader;
  gboolean      woken;
  guint         at; /* bytes of the handshake */
  gboolean      shaken;
  guint8        op;
  guint8        params[12];
  guint         n_params, want;
  guint         n_said;
  guint         n_faults;
  Fault         faults[3];
} Phone;

static void
say_one (TestLink *link, Phone *phone, guint8 byte)
{
  gboolean lost = FALSE, doubled = FALSE;

  phone->n_said++;
  for (guint i = 0; i < G_N_ELEMENTS (phone->faults); i++)
    if (phone->faults[i].at == phone->n_said)
      {
        lost |= phone->faults[i].kind == FAULT_LOSE;
        doubled |= phone->faults[i].kind == FAULT_DOUBLE;
        if (phone->faults[i].kind == FAULT_INSERT)
          test_link_say_byte (link, phone->faults[i].value);
      }
  if (!lost)
    test_link_say_byte (link, byte);
  if (doubled)
    test_link_say_byte (link, byte);
}

static void
say (TestLink *link, Phone *phone, const void *data, gsize size)
{
  for (gsize i = 0; i < size; i++)
    say_one (link, phone, ((const guint8 *) data)[i]);
}

static void
say_zeros (TestLink *link, Phone *phone, guint n)
{
  while (n-- > 0)
    say_one (link, phone, 0);
}

static void
take_sync (TestLink *link, Phone *phone, guint8 byte)
{
  static const guint8 sequence[] = { 0xa0, 0x0a, 0x50, 0x05 };

  if (phone->preloader && !phone->woken)
    {
      phone->woken = byte == sequence[0];
      return;
    }
  if (byte == sequence[0])
    phone->at = 0;
  if (byte != sequence[phone->at])
    {
      phone->at = 0;
      say_one (link, phone, (guint8) (byte + 1));
      return;
    }
  say_one (link, phone, (guint8) ~byte);
  phone->shaken = ++phone->at == G_N_ELEMENTS (sequence);
}

/* one of the chip's own, and only those: a wrong chip's would be another's register */
static void
assert_watchdog (const Phone *phone)
{
  const guint8 *at = phone->params;
  const guint32 address =
      (guint32) at[0] << 24 | (guint32) at[1] << 16 | (guint32) at[2] << 8 | at[3];
  const UbChip *chip = phone->chip;

  g_assert_true (address == chip->watchdog[0].address || address == chip->watchdog[1].address);
}

/* with one fault nothing but the value is taken for it; with more the phone may be believed to have refused */
static void
assert_value (const Phone *phone)
{
  const guint8 *at = phone->params + 8;

  if (phone->n_faults > 1)
    return;
  g_assert_cmphex (at[0], ==, 0x22);
  g_assert_cmphex (at[1] | (phone->op == 0xd4 ? at[2] : 0), ==, phone->op == 0xd4 ? 0 : 0x64);
}

/* D4 and D2: address, count, a status, the value, a status */
static void
take_param (TestLink *link, Phone *phone, guint8 byte)
{
  const guint value_size = phone->op == 0xd4 ? 4 : 2;

  phone->params[phone->n_params++] = byte;
  if (phone->n_params == 4)
    assert_watchdog (phone);
  if (phone->n_params == 4)
    say (link, phone, phone->params, 4);
  if (phone->n_params == 8)
    {
      say (link, phone, phone->params + 4, 4);
      say_zeros (link, phone, 2);
      /* only a write as it has to be: nothing else may ever get here */
      g_assert_cmphex (phone->params[7], ==, 1);
      g_assert_cmphex (phone->params[4] | phone->params[5] | phone->params[6], ==, 0);
    }
  if (phone->n_params != 8 + value_size)
    return;
  assert_value (phone);
  say (link, phone, phone->params + 8, value_size);
  say_zeros (link, phone, 2);
  phone->want = 0;
}

static void
say_id (TestLink *link, Phone *phone, guint8 size)
{
  say_zeros (link, phone, 3);
  say_one (link, phone, size);
  for (guint8 i = 0; i < size; i++)
    say_one (link, phone, (guint8) (i * 37 + size));
  say_zeros (link, phone, 2);
}

static void
take_command (TestLink *link, Phone *phone, guint8 byte)
{
  const guint8 hw_code[] = { (guint8) (phone->chip->hw_code >> 8), (guint8) phone->chip->hw_code };

  if (byte == 0xfe || (byte == 0xff && !phone->preloader))
    {
      say_one (link, phone, byte == 0xff ? 5 : phone->preloader ? 3 : 0xfe);
      return;
    }
  say_one (link, phone, byte);
  phone->op = byte;
  phone->n_params = 0;
  phone->want = byte == 0xd4 || byte == 0xd2;
  if (byte == 0xfd)
    {
      say (link, phone, hw_code, 2);
      say_zeros (link, phone, 2);
    }
  else if (byte == 0xfc)
    say (link, phone, "\x8a\x00\xca\x00\x00\x01\x00\x00", 8);
  else if (byte == 0xd8)
    say_zeros (link, phone, 6);
  else if (byte == 0xe1)
    say_id (link, phone, 16);
  else if (byte == 0xe7)
    say_id (link, phone, 32);
}

static void
take (TestLink *link, const guint8 *data, gsize size, gpointer user_data)
{
  Phone *phone = user_data;

  for (gsize i = 0; i < size; i++)
    if (!phone->shaken)
      take_sync (link, phone, data[i]);
    else if (phone->want)
      take_param (link, phone, data[i]);
    else
      take_command (link, phone, data[i]);
}

/* --- the check --- */

static void
assert_right (const Phone *phone, const UbBromInfo *info)
{
  const guint8 me_id[] = { 16, 53, 90, 127 };

  g_assert_cmphex (info->hw_code, ==, phone->chip->hw_code);
  g_assert_true (info->chip == phone->chip);
  g_assert_cmpint (info->is_boot_rom, ==, !phone->preloader);
  g_assert_cmphex (info->target_config, ==, 0);
  if (info->me_id_size > 0)
    {
      g_assert_cmpuint (info->me_id_size, ==, 16);
      g_assert_cmpmem (info->me_id, 4, me_id, 4);
    }
}

/* TRUE: it was met */
static gboolean
greet (const UbChip *chip, gboolean preloader, const Fault *faults, guint n)
{
  Phone phone = { .chip = chip, .preloader = preloader, .n_faults = n };
  g_autoptr (UbLink) link = test_link_new (take, NULL, &phone);
  g_autoptr (GError) error = NULL;
  UbBromInfo info;
  gboolean   met;

  for (guint i = 0; i < n; i++)
    phone.faults[i] = faults[i];
  met = ub_brom_handshake (link, NULL, &error) && ub_brom_identify (link, &info, NULL, &error);
  g_assert_cmpint (TEST_LINK (link)->now, <, 60 * G_USEC_PER_SEC);
  if (!met)
    for (guint i = 0; i < n; i++)
      g_test_message ("%s: fault %d (0x%02x) at byte %u: %s",
                      chip->name,
                      faults[i].kind,
                      faults[i].value,
                      faults[i].at,
                      error->message);
  if (met)
    assert_right (&phone, &info);
  else
    g_assert_true (g_error_matches (error, UB_ERROR, UB_ERROR_PROTOCOL) ||
                   g_error_matches (error, UB_ERROR, UB_ERROR_LINK_TIMEOUT) ||
                   g_error_matches (error, UB_ERROR, UB_ERROR_REFUSED));
  return met;
}

/* --- one fault: every chip, every place, every byte; it is met all the same --- */

static void
test_one (gconstpointer data)
{
  const gboolean preloader = GPOINTER_TO_INT (data);

  for (guint i = 0; i < ub_chip_get_count (); i++)
    for (guint at = 1; at < PLACES; at++)
      for (guint kind = FAULT_LOSE; kind <= FAULT_INSERT; kind++)
        {
          const Fault fault = { at, (FaultKind) kind, 0xfd };

          g_assert_true (greet (ub_chip_get (i), preloader, &fault, 1));
        }
}

static void
test_any_byte (gconstpointer data)
{
  static const guint16 codes[] = { 0x6580, 0x0601, 0x0707, 0x0766, 0x1209 };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    for (guint at = 1; at < PLACES; at++)
      for (guint value = 0; value < 256; value++)
        {
          const Fault fault = { at, FAULT_INSERT, (guint8) value };

          g_assert_true (greet (ub_chip_find (codes[i]), GPOINTER_TO_INT (data), &fault, 1));
        }
}

/* --- two: a lost byte hides one too many, so that a wrong code looks right --- */

static void
test_two (gconstpointer data)
{
  const gboolean preloader = GPOINTER_TO_INT (data);

  for (guint i = 0; i < ub_chip_get_count (); i++)
    {
      const UbChip *chip = ub_chip_get (i);

      for (guint first = 1; first <= 24; first++)
        for (guint second = first; second <= 24; second++)
          for (guint kinds = 0; kinds < 9; kinds++)
            {
              const Fault faults[] = {
                { first, (FaultKind) (kinds / 3), (guint8) (chip->hw_code >> 8) },
                { second, (FaultKind) (kinds % 3), 7 }
              };

              greet (chip, preloader, faults, 2);
            }
    }
}

/* the very case: 07 doubled and 66 lost make an MT6768 (0707) of an MT6765 (0766) */
static void
test_other_chip (void)
{
  const Fault faults[] = { { 6, FAULT_DOUBLE, 0 }, { 7, FAULT_LOSE, 0 } };

  g_assert_cmpstr (ub_chip_find (0x0707)->name, ==, "MT6768");
  g_assert_true (greet (ub_chip_find (0x0766), FALSE, faults, 2));
}

/* --- three, anywhere --- */

static void
test_three (gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20 + GPOINTER_TO_UINT (data));
  guint n_met = 0;

  for (guint i = 0; i < 20000; i++)
    {
      const guint   n_chips = ub_chip_get_count ();
      const UbChip *chip = ub_chip_get ((guint) g_rand_int_range (rand, 0, (gint32) n_chips));
      const UbChip *other = ub_chip_get ((guint) g_rand_int_range (rand, 0, (gint32) n_chips));
      Fault         faults[3];

      for (guint j = 0; j < 3; j++)
        faults[j] = (Fault){ (guint) g_rand_int_range (rand, 1, j == 0 ? PLACES : 40),
                             (FaultKind) g_rand_int_range (rand, 0, 3),
                             (guint8) (other->hw_code >> (j % 2 * 8)) };
      n_met += greet (chip, GPOINTER_TO_INT (data), faults, 3);
    }
  g_test_message ("%u of 20000 met", n_met);
  g_assert_cmpuint (n_met, >, 18000);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (int i = 0; i < 2; i++)
    {
      const char      *who = i == 0 ? "boot-rom" : "preloader";
      g_autofree char *one = g_strdup_printf ("/brom/step/one/%s", who);
      g_autofree char *any = g_strdup_printf ("/brom/step/any-byte/%s", who);
      g_autofree char *two = g_strdup_printf ("/brom/step/two/%s", who);
      g_autofree char *three = g_strdup_printf ("/brom/step/three/%s", who);

      g_test_add_data_func (one, GINT_TO_POINTER (i), test_one);
      g_test_add_data_func (any, GINT_TO_POINTER (i), test_any_byte);
      g_test_add_data_func (two, GINT_TO_POINTER (i), test_two);
      g_test_add_data_func (three, GINT_TO_POINTER (i), test_three);
    }
  g_test_add_func ("/brom/step/other-chip", test_other_chip);
  return g_test_run ();
}
