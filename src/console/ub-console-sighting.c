/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "console/ub-console-sighting.h"

#include <glib/gi18n.h>

#include "console/ub-console-private.h"
#include "engine/ub-guide.h"

/* U+0080 … 9F steer a terminal as ESC does; others break the line, or turn the direction of what follows. The joiners (U+200C, D)
 * are part of how some languages are written */
static gboolean
is_plain (gunichar c)
{
  const GUnicodeType type = g_unichar_type (c);

  if (c == 0x200c || c == 0x200d)
    return TRUE;
  return type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT &&
         type != G_UNICODE_LINE_SEPARATOR && type != G_UNICODE_PARAGRAPH_SEPARATOR;
}

char *
ub_console_sighting_dup_plain (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString         *plain = g_string_new (NULL);

  for (const char *at = valid; *at; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      g_string_append_unichar (plain, is_plain (c) ? c : ' ');
    }

  return g_string_free (plain, FALSE);
}

static void
add_plain (GString *line, const char *text)
{
  g_autofree char *plain = ub_console_sighting_dup_plain (text);

  g_string_append (line, plain);
}

static void
add_access (GString *line, const UbSighting *sighting)
{
  g_autofree char *holder =
      sighting->holder ? ub_console_sighting_dup_plain (sighting->holder) : NULL;

  g_string_append (line, ", ");
  if (sighting->access == UB_ACCESS_DENIED)
    g_string_append (line, _ ("no permission to open it"));
  else if (!holder)
    g_string_append (line, _ ("in use by another program"));
  else if (sighting->holder_is_guess)
    /* Translators: a port that another program uses, and which one that may be */
    g_string_append_printf (line, _ ("in use, perhaps by %s"), holder);
  else
    /* Translators: a port that another program uses */
    g_string_append_printf (line, _ ("in use by %s"), holder);
}

static double
to_seconds (gint64 us)
{
  return (double) us / G_USEC_PER_SEC;
}

/* what is known of visits is known of those of boot ROM and preloader */
static void
add_visits (GString *line, const UbSighting *sighting)
{
  if (sighting->kind != UB_SIGHTING_BOOT_ROM && sighting->kind != UB_SIGHTING_PRELOADER)
    return;
  if (!sighting->present && sighting->last_us > 0)
    {
      g_string_append (line, ", ");
      g_string_append_printf (line, _ ("was there for %.2f s"), to_seconds (sighting->last_us));
    }
  if (!sighting->present || sighting->appearances < 2)
    return;
  g_string_append (line, ", ");
  /* Translators: how often a phone came to the cable */
  g_string_append_printf (line,
                          ngettext ("%u time", "%u times", sighting->appearances),
                          sighting->appearances);
  if (sighting->away_us > 0)
    {
      g_string_append (line, ", ");
      /* Translators: for how many seconds a phone was not there */
      g_string_append_printf (line, _ ("away for %.2f s"), to_seconds (sighting->away_us));
    }
}

char *
ub_console_sighting_dup_line (const UbSighting *sighting, gint64 begin_us)
{
  GString         *line = g_string_new (NULL);
  g_autofree char *kind = ub_guide_dup_kind (sighting);

  g_string_append_printf (line,
                          "%8.3f  %-8s %s  ",
                          MAX (to_seconds (sighting->time_us - begin_us), 0.0),
                          sighting->port ? sighting->port : "?",
                          sighting->present ? "+" : "-");
  /* what failed to tell its numbers has none */
  if (sighting->vendor == 0 && sighting->product == 0)
    g_string_append (line, "----:----  ");
  else
    g_string_append_printf (line, "%04x:%04x  ", sighting->vendor, sighting->product);
  g_string_append (line, kind);
  if (sighting->name)
    {
      g_string_append_c (line, ' ');
      add_plain (line, sighting->name);
    }
  if (sighting->present && sighting->access > UB_ACCESS_OK)
    add_access (line, sighting);
  if (sighting->present && sighting->fault)
    {
      g_string_append (line, ", ");
      add_plain (line, sighting->fault);
    }
  add_visits (line, sighting);

  return g_string_free (line, FALSE);
}

/* --- JSON; words for scripts, which stay what they are --- */

static const char *const kinds[] = {
  [UB_SIGHTING_NOTHING] = "nothing",     [UB_SIGHTING_BOOT_ROM] = "boot-rom",
  [UB_SIGHTING_PRELOADER] = "preloader", [UB_SIGHTING_AGENT] = "agent",
  [UB_SIGHTING_ANDROID] = "android",     [UB_SIGHTING_FASTBOOT] = "fastboot",
  [UB_SIGHTING_META] = "meta",           [UB_SIGHTING_UNKNOWN] = "unknown",
  [UB_SIGHTING_RECOVERY] = "recovery",   [UB_SIGHTING_BROKEN] = "broken",
};

static const char *const accesses[] = {
  [UB_ACCESS_UNKNOWN] = NULL,
  [UB_ACCESS_OK] = "ok",
  [UB_ACCESS_DENIED] = "denied",
  [UB_ACCESS_BUSY] = "busy",
};

static const struct
{
  guint       trait;
  const char *name;
} traits[] = {
  { UB_TRAIT_MTP, "mtp" },       { UB_TRAIT_ADB, "adb" },           { UB_TRAIT_STORAGE, "storage" },
  { UB_TRAIT_TETHER, "tether" }, { UB_TRAIT_CHARGING, "charging" }, { UB_TRAIT_OWN_IDS, "own-ids" },
};

static void
add_hex (JsonBuilder *builder, const char *name, guint16 number)
{
  g_autofree char *text = g_strdup_printf ("%04x", number);

  ub_console_add_string_json (builder, name, text);
}

static void
add_seconds (JsonBuilder *builder, const char *name, gint64 us)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, to_seconds (us));
}

static void
add_traits (JsonBuilder *builder, guint set)
{
  json_builder_set_member_name (builder, "traits");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < G_N_ELEMENTS (traits); i++)
    if ((set & traits[i].trait) != 0)
      json_builder_add_string_value (builder, traits[i].name);
  json_builder_end_array (builder);
}

static void
add_stranger (JsonBuilder *builder, const char *name, const char *text)
{
  g_autofree char *valid = text ? g_utf8_make_valid (text, -1) : NULL;

  if (valid)
    ub_console_add_string_json (builder, name, valid);
}

char *
ub_console_sighting_dup_json (const UbSighting *sighting, gint64 begin_us)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  add_seconds (builder, "time", MAX (sighting->time_us - begin_us, 0));
  ub_console_add_string_json (builder, "kind", kinds[sighting->kind]);
  ub_console_add_boolean_json (builder, "present", sighting->present);
  add_stranger (builder, "port", sighting->port);
  add_hex (builder, "vendor", sighting->vendor);
  add_hex (builder, "product", sighting->product);
  add_traits (builder, sighting->traits);
  add_stranger (builder, "name", sighting->name);
  if (accesses[sighting->access])
    ub_console_add_string_json (builder, "access", accesses[sighting->access]);
  add_stranger (builder, "holder", sighting->holder);
  if (sighting->holder)
    ub_console_add_boolean_json (builder, "holder_is_guess", sighting->holder_is_guess);
  add_stranger (builder, "fault", sighting->fault);
  ub_console_add_int_json (builder, "appearances", sighting->appearances);
  add_seconds (builder, "stayed", sighting->last_us);
  add_seconds (builder, "away", sighting->away_us);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);

  return json_generator_to_data (generator, NULL);
}
