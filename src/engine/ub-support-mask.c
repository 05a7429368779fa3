/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-support-mask.h"

#include <string.h>

#define HIDDEN "(hidden)"
#define MIN_VALUE 4 /* shorter ones would hide half of the text */
#define MIN_NAME 3  /* the same for names */
#define LETTER "[\\p{L}\\p{N}]"

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

/* no phone's number begins with three noughts; addresses do: they do not count */
static gsize
count_filling (const char *digits)
{
  gsize zeros = strspn (digits, "0");

  return zeros >= 3 ? zeros : 0;
}

static gboolean
is_secret_length (gsize n)
{
  return n >= MIN_DIGITS && n <= MAX_DIGITS;
}

static gboolean
is_secret_number (char **groups)
{
  gsize n = 0;

  for (guint i = 0; groups[i] != NULL; i++)
    n += strlen (groups[i]);
  if (groups[0] != NULL)
    n -= count_filling (groups[0]);
  if (n <= MAX_DIGITS)
    return is_secret_length (n);
  for (guint i = 0; groups[i] != NULL; i++)
    if (is_secret_length (strlen (groups[i]) - count_filling (groups[i])) ||
        is_printed (groups + i))
      return TRUE;
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

/* glued to a word: phone352099001761481.bin */
static gboolean
hide_digits_in_word (const GMatchInfo *match, GString *result, gpointer user_data)
{
  g_autofree char *word = g_match_info_fetch (match, 0);
  gsize            run;

  for (const char *at = word; *at != '\0'; at += run)
    {
      g_autofree char *digits = NULL;

      run = strspn (at, "0123456789");
      digits = g_strndup (at, run);
      if (is_secret_length (run - count_filling (digits)) && (run != 14 || !is_time (digits)) &&
          (at == word || g_ascii_tolower (at[-1]) != 'x'))
        g_string_append (result, HIDDEN);
      else
        g_string_append_len (result, at, (gssize) (run = MAX (run, 1)));
    }
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
  "(?:i?serial(?:[ _-]?(?:numbers?|no|nr|num|short))?|s/n|sn|imei(?:sv)?[ "                        \
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
  { "(?<![\\w.~])(?:/run/host)?(?:/var|/export|/mnt(?:/[^/\\s\"]++)?|"
    "(?:/run)?/media(?:/[^/\\s\"]++){1,2}+)?/home/[^/\\s\"':,;]++",
    hide_home },
  { "((?:/run)?/media/)[^/\\s\"':,;]++", hide_medium },
  /* what is mounted by the desktop is called like the phone, with its serial number, or the computer it is on */
  { "(/gvfs/|(?<![a-z0-9])(?:mtp|gphoto2|afc|smb|sftp|ftp|afp|davs?|nfs)://)[^/\\s\"']++",
    hide_medium },
  { "(?i)(?<![a-z0-9])(" NAMES "[\"'\\]]?[ \\t]*+[:=][ \\t]*+[\"'\\[]?)"
    "((?:[0-9a-f]{2,8}[ :-]){3,}[0-9a-f]{2,8}(?![0-9a-z])|[^\\s\"',;]{4,}+)",
    hide_value },
  /* in a sentence: only what looks like one */
  { "(?i)(?<![a-z0-9])((?:serial[ _-]?(?:number|no\\.?)|s/n|sn|imei(?:sv)?|meid|me id|soc id|cid)[ "
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
  /* a number as text in recorded traffic, in bytes or in UTF-16, or in a dump */
  { "(?:3[0-9](?:00)?+){14,}+", hide_all },
  { "(?<![0-9A-Fa-f])3[0-9](?:[ :-]3[0-9]){13,}+(?![0-9A-Fa-f])", hide_all },
  /* as on older boxes: 352099/00/176148/1 */
  { "(?<![0-9/.])(?:[0-9]{6}([/.])[0-9]{2}|[0-9]{2}([/.])[0-9]{6})(?:\\1|\\2)[0-9]{6}[/.]"
    "[0-9]{1,2}(?![0-9])",
    hide_all },
  /* in other scripts' digits */
  { "(?:(?![0-9])\\d){14,}+", hide_all },
  /* words that are no hex */
  { "(?<![0-9A-Za-z])(?!0[xX])(?=[0-9A-Fa-fxX]*+[G-WYZg-wyz])[0-9A-Za-z]{15,}+",
    hide_digits_in_word },
  /* all groups of digits that belong together; not within a word of hex digits, nor behind a decimal point */
  { "(?:(?<=%[0-9A-Fa-f]{2})|(?<![0-9A-Fa-fxX])(?<![0-9]\\.))[0-9]++(?![A-Fa-fxX])"
    "(?:[ -][0-9]++(?![A-Fa-fxX]))*+",
    hide_digits },
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

/* the same as addresses of files have it: %C3%B6 */
static void
hide_both (GStrv lines, const char *word, const char *around, GRegexEvalCallback hide)
{
  g_autofree char *address = g_uri_escape_string (word, "/", FALSE);

  hide_word (lines, word, around, hide);
  if (!g_str_equal (address, word))
    hide_word (lines, address, around, hide);
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
    hide_both (lines, secrets->home, "[\\w.-]", hide_home);
}

static void
mask_names (GStrv lines, const UbSupportSecrets *secrets)
{
  if (is_name (secrets->host))
    {
      g_autofree char *first = g_strndup (secrets->host, strcspn (secrets->host, "."));

      hide_both (lines, secrets->host, LETTER, hide_all);
      if (is_name (first))
        hide_both (lines, first, LETTER, hide_all);
    }
  if (is_name (secrets->user))
    hide_both (lines, secrets->user, LETTER, hide_all);
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
