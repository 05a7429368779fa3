/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-support-mask.h"

#include <string.h>

#define HIDDEN "(hidden)"
#define MIN_VALUE 4 /* shorter ones would hide half of the text */
#define MIN_NAME 3  /* the same for names */

/* an IMEI has 15 digits, 14 without the check digit; IMEISV 16; a MEID in decimal 18 */
#define MIN_DIGITS 14
#define MAX_DIGITS 18

/* --- numbers: IMEI, IMEISV, MEID --- */

/* 20161121142326, 20161121-142326, 2016-11-21 14… */
static gboolean
is_time (const char *digits)
{
  static const struct
  {
    guint at, low, high;
  } pairs[] = { { 0, 20, 20 }, { 4, 1, 12 },  { 6, 1, 31 },
                { 8, 0, 23 },  { 10, 0, 59 }, { 12, 0, 60 } };
  gsize length = strlen (digits);

  if (length < 8)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (pairs) && pairs[i].at + 2 <= length; i++)
    {
      guint value = (guint) g_ascii_digit_value (digits[pairs[i].at]) * 10 +
                    (guint) g_ascii_digit_value (digits[pairs[i].at + 1]);

      if (value < pairs[i].low || value > pairs[i].high)
        return FALSE;
    }
  return TRUE;
}

/* the groups begin with a date, such as 2016-11-21: how many of them belong to it */
static guint
count_date (char **groups)
{
  if (groups[0] == NULL)
    return 0;
  /* the parts of a second follow in names of copies */
  if (strlen (groups[0]) == 8 && groups[1] != NULL && strlen (groups[1]) == 6)
    {
      g_autofree char *both = g_strconcat (groups[0], groups[1], NULL);

      if (is_time (both))
        return groups[2] != NULL && strlen (groups[2]) == 6 ? 3 : 2;
    }
  if (strlen (groups[0]) == 14 && is_time (groups[0]))
    return 1;
  if (groups[1] != NULL && groups[2] != NULL && strlen (groups[0]) == 4 &&
      strlen (groups[1]) == 2 && strlen (groups[2]) == 2)
    {
      g_autofree char *day = g_strconcat (groups[0], groups[1], groups[2], NULL);

      return is_time (day) ? 3 : 0;
    }
  return 0;
}

/* as they are printed on boxes: 35-209900-176148-1, 352099 00 176148 1, 35209900 176148 1 */
static gboolean
is_printed (char **groups)
{
  static const guint8 shapes[][3] = { { 2, 6, 6 }, { 6, 2, 6 }, { 8, 6, 1 }, { 8, 6, 2 } };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    if (strlen (groups[0]) == shapes[i][0] && groups[1] != NULL &&
        strlen (groups[1]) == shapes[i][1] && groups[2] != NULL &&
        strlen (groups[2]) == shapes[i][2])
      return TRUE;
  return FALSE;
}

static gboolean
is_secret_number (char **groups)
{
  guint n = 0;

  for (guint i = 0; groups[i] != NULL; i++)
    n += (guint) strlen (groups[i]);
  if (n < MIN_DIGITS)
    return FALSE;
  if (n <= MAX_DIGITS)
    /* no phone's number begins with three noughts; addresses do */
    return !g_str_has_prefix (groups[0], "000");
  for (guint i = 0; groups[i] != NULL; i++)
    {
      gsize length = strlen (groups[i]);

      if ((length >= MIN_DIGITS && length <= MAX_DIGITS && !g_str_has_prefix (groups[i], "000")) ||
          is_printed (groups + i))
        return TRUE;
    }
  return FALSE;
}

static gboolean
hide_digits (const GMatchInfo *match, GString *result, gpointer user_data)
{
  g_autofree char *all = g_match_info_fetch (match, 0);
  g_auto (GStrv) groups = g_strsplit_set (all, " -", -1);
  guint date = count_date (groups);

  if (!is_secret_number (groups + date))
    {
      g_string_append (result, all);
      return FALSE;
    }
  for (guint i = 0; i < date; i++)
    g_string_append_printf (result, "%s%s", i > 0 ? "-" : "", groups[i]);
  g_string_append_printf (result, "%s%s", date > 0 ? " " : "", HIDDEN);
  return FALSE;
}

/* --- values with a name --- */

static gboolean
is_worth_hiding (const char *value)
{
  static const char *const harmless[] = { "none", "null",  "(null)", "unknown",
                                          "true", "false", HIDDEN };

  /* a report shows the first digits itself */
  if (strstr (value, "…") != NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (harmless); i++)
    if (g_ascii_strcasecmp (value, harmless[i]) == 0)
      return FALSE;
  return TRUE;
}

/* the name stays, the value goes */
static gboolean
hide_value (const GMatchInfo *match, GString *result, gpointer user_data)
{
  g_autofree char *name = g_match_info_fetch (match, 1);
  g_autofree char *value = g_match_info_fetch (match, 2);

  g_string_append_printf (result, "%s%s", name, is_worth_hiding (value) ? HIDDEN : value);
  return FALSE;
}

static gboolean
hide_all (const GMatchInfo *match, GString *result, gpointer user_data)
{
  g_string_append (result, HIDDEN);
  return FALSE;
}

static gboolean
hide_home (const GMatchInfo *match, GString *result, gpointer user_data)
{
  g_string_append_c (result, '~');
  return FALSE;
}

static gboolean
hide_portal (const GMatchInfo *match, GString *result, gpointer user_data)
{
  return FALSE;
}

static gboolean
hide_medium (const GMatchInfo *match, GString *result, gpointer user_data)
{
  g_autofree char *begin = g_match_info_fetch (match, 1);

  g_string_append_printf (result, "%s…", begin);
  return FALSE;
}

#define NAMES                                                                                      \
  "(?:i?serial(?:[ _-]?(?:numbers?|no|nr|num))?|s/n|sn|imei(?:sv)?[ "                              \
  "_-]?\\d?|meid|esn|iccid|imsi|barcode|"                                                          \
  "me[ _-]?id|soc[ _-]?id|(?:e?mmc[ _-]?)?cid|random[ _-]?id|"                                     \
  "(?:(?:wi-?fi|wlan|bt|bluetooth|eth)[ _-]?)?(?:mac|bd)(?:[ _-]?addr(?:ess)?)?|bt[ "              \
  "_-]?addr(?:ess)?)"

/* Each looks at a line once, without going back: ++ and *+ give nothing back */
static const struct
{
  const char        *pattern;
  GRegexEvalCallback hide;
} rules[] = {
  /* /run/user/1000/doc/5f0c/rom/z5 → rom/z5 */
  { "/run/(?:user/\\d++|flatpak)/doc/(?:by-app/[^/\\s\"]++/)?[0-9a-f]++/", hide_portal },
  /* others' homes, and this one's where it is called by another name */
  { "(?<![\\w.~])(?:/var)?/home/[^/\\s\"':,;]++", hide_home },
  { "((?:/run)?/media/)[^/\\s\"':,;]++(?=/)", hide_medium },
  { "(?i)(?<![a-z0-9])(" NAMES "[\"']?[ \\t]*+[:=][ \\t]*+[\"']?)"
    "((?:[0-9a-f]{2,8}[ :-]){3,}[0-9a-f]{2,8}(?![0-9a-z])|[^\\s\"',;]{4,}+)",
    hide_value },
  /* in a sentence: only what looks like one */
  { "(?i)(?<![a-z0-9])((?:serial(?:[ _-]?(?:number|no))|imei(?:sv)?|meid|me id|soc id|cid)[ "
    "\\t]++(?:is[ \\t]++)?[\"'“]?)"
    "((?=[a-z_-]*+\\d)[a-z0-9_-]{6,}+)",
    hide_value },
  /* MAC addresses, EUI-64 */
  { "(?<![0-9A-Za-z])[0-9A-Fa-f]{2}([:-])[0-9A-Fa-f]{2}(?:\\1[0-9A-Fa-f]{2}){4,}+(?![0-9A-Za-z])",
    hide_all },
  { "(?<![0-9A-Za-z.])(?=[0-9.]*+[A-Fa-f])[0-9A-Fa-f]{4}\\.[0-9A-Fa-f]{4}\\.[0-9A-Fa-f]{4}(?![0-9A-"
    "Za-z.])",
    hide_all },
  /* MEID */
  { "(?<![0-9A-Za-z])(?=[0-9]*+[A-Fa-f])(?=[A-Fa-f]*+[0-9])[0-9A-Fa-f]{14}(?![0-9A-Za-z])",
    hide_all },
  { "(?<![0-9A-Za-z])[A-Fa-f][0-9A-Fa-f]([ "
    "-])(?=[A-Fa-f]*+[0-9])[0-9A-Fa-f]{6}\\1[0-9A-Fa-f]{6}(?:\\1[0-9A-Fa-f])?(?![0-9A-Za-z])",
    hide_all },
  /* a number as text in recorded traffic, in bytes or in UTF-16 */
  { "(?:3\\d(?:00)?+){14,}+", hide_all },
  /* all groups of digits that belong together; not within a word of hex digits, nor behind a decimal point */
  { "(?<![0-9A-Fa-fxX])(?<!\\d\\.)\\d++(?![A-Fa-fxX])(?:[ -]\\d++(?![A-Fa-fxX]))*+", hide_digits },
};

/* line by line: one that cannot be looked through is not shown */
static void
apply_rule (GStrv lines, const char *pattern, GRegexEvalCallback hide)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_OPTIMIZE, 0, NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *line = lines[i];

      lines[i] =
          regex != NULL ? g_regex_replace_eval (regex, line, -1, 0, 0, hide, NULL, NULL) : NULL;
      if (lines[i] == NULL)
        lines[i] = g_strdup (HIDDEN);
    }
}

/* --- what is known --- */

/* @around (nullable): what a letter of the same word would be */
static void
hide_word (GStrv lines, const char *word, const char *around, GRegexEvalCallback hide)
{
  g_autofree char *escaped = g_regex_escape_string (word, -1);
  g_autofree char *pattern = around != NULL
                                 ? g_strdup_printf ("(?i)(?<!%s)%s(?!%s)", around, escaped, around)
                                 : g_strdup_printf ("(?i)%s", escaped);

  apply_rule (lines, pattern, hide);
}

/* a name that is anybody's tells nothing, and hiding it would hide words that are needed */
static gboolean
is_name (const char *name)
{
  static const char *const common[] = {
    "root",      "user",  "admin",   "guest",   "test",     "live",      "home",
    "host",      "phone", "android", "unbrick", "system",   "boot",      "recovery",
    "cache",     "data",  "linux",   "debian",  "ubuntu",   "fedora",    "arch",
    "archlinux", "gnome", "desktop", "laptop",  "computer", "localhost", "localdomain"
  };

  if (name == NULL || strlen (name) < MIN_NAME || !g_utf8_validate (name, -1, NULL))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (common); i++)
    if (g_ascii_strcasecmp (name, common[i]) == 0)
      return FALSE;
  return TRUE;
}

static void
mask_known (GStrv lines, const UbSupportSecrets *secrets)
{
  for (guint i = 0; secrets->values != NULL && secrets->values[i] != NULL; i++)
    if (strlen (secrets->values[i]) >= MIN_VALUE && g_utf8_validate (secrets->values[i], -1, NULL))
      hide_word (lines, secrets->values[i], NULL, hide_all);
  if (secrets->home != NULL && strlen (secrets->home) > 1 &&
      g_utf8_validate (secrets->home, -1, NULL))
    hide_word (lines, secrets->home, "[\\w.-]", hide_home);
}

static void
mask_names (GStrv lines, const UbSupportSecrets *secrets)
{
  if (is_name (secrets->host))
    {
      g_autofree char *first = g_strndup (secrets->host, strcspn (secrets->host, "."));

      hide_word (lines, secrets->host, "\\w", hide_all);
      if (is_name (first))
        hide_word (lines, first, "\\w", hide_all);
    }
  if (is_name (secrets->user))
    hide_word (lines, secrets->user, "\\w", hide_all);
}

char *
ub_support_mask_apply (const char *text, const UbSupportSecrets *secrets)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_auto (GStrv) lines = g_strsplit (valid, "\n", -1);

  /* the home goes before a name that is part of it */
  if (secrets != NULL)
    mask_known (lines, secrets);
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    apply_rule (lines, rules[i].pattern, rules[i].hide);
  if (secrets != NULL)
    mask_names (lines, secrets);
  return g_strjoinv ("\n", lines);
}
