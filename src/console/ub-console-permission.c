/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "console/ub-console-private.h"
#include "engine/ub-permission-words.h"

/* what is said in the window's dialog; the line to copy stands alone */
static char *
dup_text (const UbPermission *permission, const UbPermissionWords *words)
{
  GString *text = g_string_new (words->title);

  if (*words->text != '\0')
    g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", words->text);
  if (words->has_step)
    g_string_append_printf (text,
                            "\n%s\n%s",
                            _ ("Run this line once in a terminal; it asks for your password:"),
                            permission->command);
  return g_string_free (text, FALSE);
}

char *
ub_console_permission_dup_step (UbLinkSource *source)
{
  g_autoptr (UbPermission) permission = ub_link_source_dup_permission (source);
  UbPermissionWords words;

  if (permission == NULL)
    return NULL;
  ub_permission_words_get (permission, UB_ACCESS_DENIED, &words);
  /* that we may not is what one sees; whoever asks has said so */
  if (permission->state == UB_PERMISSION_MISSING || permission->state == UB_PERMISSION_UNKNOWN)
    words.title = "";
  return dup_text (permission, &words);
}

/* not for people */
static const char *
state_to_string (const UbPermission *permission)
{
  if (permission == NULL)
    return "not-needed";
  switch (permission->state)
    {
    case UB_PERMISSION_FINE:
      return "fine";
    case UB_PERMISSION_MISSING:
      return "missing";
    case UB_PERMISSION_OUTDATED:
      return "outdated";
    case UB_PERMISSION_UNKNOWN:
    default:
      return "unknown";
    }
}

static void
print_json (const UbPermission *permission, const UbPermissionWords *words)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  ub_console_add_string_json (builder, "state", state_to_string (permission));
  ub_console_add_string_json (builder, "text", words->title);
  ub_console_add_string_json (builder, "path", permission != NULL ? permission->path : NULL);
  ub_console_add_string_json (builder, "command", words->has_step ? permission->command : NULL);
  json_builder_end_object (builder);
  ub_console_print_json (builder);
}

/* Nothing is done by us: a program in a terminal does not ask for passwords */
int
ub_console_permission (UbConsole *self)
{
  g_autoptr (UbPermission) permission = ub_link_source_dup_permission (self->setup->source);
  g_autofree char  *text = NULL;
  UbPermissionWords words;

  ub_permission_words_get (permission, UB_ACCESS_UNKNOWN, &words);
  text = dup_text (permission, &words);
  if (self->json)
    print_json (permission, &words);
  else
    g_print ("%s\n", text);
  if (permission != NULL && permission->state == UB_PERMISSION_UNKNOWN)
    return UB_CONSOLE_EXIT_FAILED;
  return words.is_good ? UB_CONSOLE_EXIT_OK : UB_CONSOLE_EXIT_NO_PHONE;
}
