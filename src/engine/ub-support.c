/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-support.h"

#include "base/ub-error.h"
#include "base/ub-place.h"
#include "engine/ub-journal.h"
#include "engine/ub-support-mask.h"
#include "engine/ub-support-report.h"
#include "engine/ub-support-system.h"

struct _UbSupport
{
  GObject parent_instance;

  UbLog        *log; /* (nullable): borrowed */
  char         *libraries;
  UbLinkSource *source; /* (nullable) */
  guint         subscription;
  GHashTable   *sightings; /* port → UbSighting that is there now */
  GPtrArray    *phones;    /* of UbPhoneInfo: of all jobs */
};

G_DEFINE_FINAL_TYPE (UbSupport, ub_support, G_TYPE_OBJECT)

static const char *
pick (const char *const *names, guint n, guint value)
{
  return value < n && names[value] != NULL ? names[value] : "unknown";
}

/* --- what is on the cable --- */

static void
append_traits (GString *text, guint traits)
{
  static const char *const names[] = { "MTP", "ADB", "storage", "tether", "charging", "own-ids" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (traits & (1u << i))
      g_string_append_printf (text, ", %s", names[i]);
}

static char *
dup_sighting (const UbSighting *sighting)
{
  static const char *const kinds[] = { "nothing",  "boot ROM", "preloader", "agent",    "Android",
                                       "fastboot", "META",     "unknown",   "recovery", "broken" };
  static const char *const accesses[] = { "not tried", "ok", "denied", "busy" };
  GString                 *text = g_string_new (NULL);

  g_string_append_printf (text,
                          "%s %04x:%04x %s, access %s",
                          sighting->port != NULL ? sighting->port : "?",
                          sighting->vendor,
                          sighting->product,
                          pick (kinds, G_N_ELEMENTS (kinds), sighting->kind),
                          pick (accesses, G_N_ELEMENTS (accesses), sighting->access));
  append_traits (text, sighting->traits);
  if (sighting->name != NULL)
    g_string_append_printf (text, ", called “%s”", sighting->name);
  if (sighting->holder != NULL)
    g_string_append_printf (text,
                            ", held %sby %s",
                            sighting->holder_is_guess ? "perhaps " : "",
                            sighting->holder);
  if (sighting->fault != NULL)
    g_string_append_printf (text, ", fault: %s", sighting->fault);
  if (sighting->appearances > 0)
    g_string_append_printf (text, ", came %u times", sighting->appearances);
  if (sighting->last_us > 0)
    g_string_append_printf (text, ", stayed %.2f s", (double) sighting->last_us / G_USEC_PER_SEC);
  return g_string_free (text, FALSE);
}

static void
sighting_cb (const UbSighting *sighting, gpointer user_data)
{
  UbSupport       *self = user_data;
  g_autofree char *text = dup_sighting (sighting);

  if (sighting->port == NULL || sighting->kind == UB_SIGHTING_NOTHING)
    return;
  g_info ("%s %s", sighting->present ? "there:" : "gone:", text);
  if (sighting->present)
    g_hash_table_replace (self->sightings, g_strdup (sighting->port), ub_sighting_copy (sighting));
  else
    g_hash_table_remove (self->sightings, sighting->port);
}

void
ub_support_set_source (UbSupport *self, UbLinkSource *source)
{
  if (self->source != NULL)
    ub_link_source_unsubscribe (self->source, self->subscription);
  g_set_object (&self->source, source);
  g_hash_table_remove_all (self->sightings);
  if (source != NULL)
    self->subscription = ub_link_source_subscribe (source, NULL, sighting_cb, self);
}

/* --- a job --- */

static void
state_cb (UbSupport *self, GParamSpec *pspec, UbSession *session)
{
  g_info ("job: %s", ub_session_state_to_string (ub_session_get_state (session)));
}

static void
request_cb (UbSupport *self, GParamSpec *pspec, UbSession *session)
{
  static const char *const names[] = { "none",        "plug in",    "hold key",   "release keys",
                                       "replug",      "switch off", "permission", "go on",
                                       "other phone", "battery" };

  g_info ("asked for: %s", pick (names, G_N_ELEMENTS (names), ub_session_get_request (session)));
}

static void
step_cb (UbSupport *self, GParamSpec *pspec, UbSession *session)
{
  const char *step = ub_session_get_step (session);

  if (step != NULL && *step != '\0')
    g_info ("step: %s", step);
}

static void
phone_cb (UbSupport *self, GParamSpec *pspec, UbSession *session)
{
  UbPhoneInfo *phone = ub_session_get_phone (session);

  if (phone != NULL && !g_ptr_array_find (self->phones, phone, NULL))
    g_ptr_array_add (self->phones, g_object_ref (phone));
}

void
ub_support_follow (UbSupport *self, UbSession *session)
{
  static const struct
  {
    const char *signal;
    GCallback   callback;
  } watched[] = { { "notify::state", G_CALLBACK (state_cb) },
                  { "notify::request", G_CALLBACK (request_cb) },
                  { "notify::step", G_CALLBACK (step_cb) },
                  { "notify::phone", G_CALLBACK (phone_cb) } };

  for (guint i = 0; i < G_N_ELEMENTS (watched); i++)
    g_signal_connect_object (session,
                             watched[i].signal,
                             watched[i].callback,
                             self,
                             G_CONNECT_SWAPPED);
}

/* --- the text --- */

static void
append_title (GString *text, const char *title)
{
  g_string_append_printf (text, "\n== %s ==\n", title);
}

static void
append_program (GString *text, UbSupport *self)
{
  append_title (text, "Program");
  g_string_append_printf (text,
                          "Unbrick %s\nGLib %u.%u.%u\n",
                          PACKAGE_VERSION,
                          glib_major_version,
                          glib_minor_version,
                          glib_micro_version);
  if (self->libraries != NULL)
    g_string_append_printf (text, "%s\n", self->libraries);
#ifdef __VERSION__
  g_string_append (text, "Built by compiler " __VERSION__ "\n");
#endif
}

static void
append_permission (GString *text, UbSupport *self)
{
  static const char *const states[] = { "the rule is in place, or none is needed",
                                        "there is no rule",
                                        "the rule is of another version",
                                        "not to be seen from here" };
  static const char *const seats[] = { "not to be seen from here",
                                       "ours",
                                       "somebody else's or nobody's",
                                       "nobody keeps account" };
  g_autoptr (UbPermission) permission =
                 self->source != NULL ? ub_link_source_dup_permission (self->source) : NULL;

  append_title (text, "Permission");
  if (permission == NULL)
    {
      g_string_append (text, "none is needed\n");
      return;
    }
  g_string_append_printf (text,
                          "Rule: %s\nIts place: %s\nSeat: %s\nCan be put in place from here: %s\n",
                          pick (states, G_N_ELEMENTS (states), permission->state),
                          permission->path != NULL ? permission->path : "?",
                          pick (seats, G_N_ELEMENTS (seats), permission->seat),
                          permission->may_install ? "yes" : "no");
}

static void
append_ports (GString *text, UbSupport *self)
{
  g_autoptr (GList) ports =
                 g_list_sort (g_hash_table_get_keys (self->sightings), (GCompareFunc) g_strcmp0);

  append_title (text, "On the cable");
  if (self->source == NULL)
    g_string_append (text, "not watched\n");
  else if (ports == NULL)
    g_string_append (text, "no phone\n");
  for (GList *l = ports; l != NULL; l = l->next)
    {
      g_autofree char *line = dup_sighting (g_hash_table_lookup (self->sightings, l->data));

      g_string_append_printf (text, "%s\n", line);
    }
  if (self->source != NULL)
    g_string_append_printf (text,
                            "Ports that fail can be seen: %s\n",
                            ub_link_source_sees_broken (self->source) ? "yes" : "no");
}

static void
append_names (GString *text, const char *what, GPtrArray *paths)
{
  g_string_append_printf (text, "%s:", what);
  for (guint i = 0; paths != NULL && i < paths->len; i++)
    {
      g_autofree char *name = g_filename_display_basename (g_ptr_array_index (paths, i));

      g_string_append_printf (text, "%s %s", i > 0 ? "," : "", name);
    }
  g_string_append (text, paths == NULL || paths->len == 0 ? " none\n" : "\n");
}

static void
append_storages (GString *text, guint storages)
{
  g_string_append (text, "Storage:");
  for (guint i = 0; i < 32; i++)
    if (storages & (1u << i))
      g_string_append_printf (text, " %s", ub_storage_to_string ((UbStorage) i));
  g_string_append_c (text, '\n');
}

static void
append_firmware (GString *text, const UbSupportFacts *facts)
{
  UbFirmware *firmware = facts->firmware;

  append_title (text, "Firmware");
  if (firmware == NULL)
    g_string_append (text, "none is open\n");
  else
    {
      g_autofree char *map = g_filename_display_basename (ub_firmware_get_path (firmware));
      GPtrArray       *notes = ub_firmware_get_notes (firmware);

      g_string_append_printf (text,
                              "Platform: %s\nProject: %s\nMap: %s, version %s\n",
                              ub_firmware_get_platform (firmware),
                              ub_firmware_get_project (firmware),
                              map,
                              ub_firmware_get_version (firmware));
      append_storages (text, ub_firmware_get_storages (firmware));
      append_names (text, "Agents in it", ub_firmware_get_agents (firmware));
      append_names (text, "Preloaders in it", ub_firmware_get_preloaders (firmware));
      for (guint i = 0; notes != NULL && i < notes->len; i++)
        g_string_append_printf (text, "Note: %s\n", (const char *) g_ptr_array_index (notes, i));
    }
  if (facts->agent != NULL)
    {
      g_autofree char *name = g_filename_display_basename (facts->agent);

      g_string_append_printf (text, "Agent chosen: %s\n", name);
    }
}

static void
append_journals (GString *text, const UbSupportFacts *facts)
{
  g_autoptr (GPtrArray) jobs = ub_journal_list (facts->journals);

  append_title (text, "Unfinished jobs");
  if (jobs->len == 0)
    g_string_append (text, "none\n");
  for (guint i = 0; i < jobs->len; i++)
    {
      UbJournal       *job = g_ptr_array_index (jobs, i);
      g_autofree char *time = g_date_time_format_iso8601 (ub_journal_get_time (job));

      g_string_append_printf (text,
                              "%s %s, step %u, offset 0x%" G_GINT64_MODIFIER "x\n",
                              time,
                              ub_mode_to_string (ub_journal_get_mode (job)),
                              ub_journal_get_step (job),
                              ub_journal_get_offset (job));
    }
}

static void
append_log (GString *text, UbSupport *self)
{
  g_autofree char *lines = self->log != NULL ? ub_log_dup_text (self->log) : g_strdup ("");

  append_title (text, "Log");
  g_string_append (text, *lines != '\0' ? lines : "empty\n");
}

/* --- what is hidden --- */

/* the log is of all jobs, and so are these */
static char **
dup_ids (UbSupport *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < self->phones->len; i++)
    {
      g_auto (GStrv) ids = ub_phone_info_dup_ids (g_ptr_array_index (self->phones, i));

      g_strv_builder_addv (builder, (const char **) ids);
    }
  return g_strv_builder_end (builder);
}

static char *
dup_masked (UbSupport *self, const char *text)
{
  g_auto (GStrv) ids = dup_ids (self);
  g_autofree char       *shown = ub_place_dup_shown_text (text);
  const UbSupportSecrets secrets = { .home = g_get_home_dir (),
                                     .user = g_get_user_name (),
                                     .host = g_get_host_name (),
                                     .values = (const char *const *) ids };

  return ub_support_mask_apply (shown, &secrets);
}

char *
ub_support_dup_text (UbSupport *self, const UbSupportFacts *facts)
{
  static const UbSupportFacts none = { 0 };
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format_iso8601 (now);
  g_autoptr (GString) text = g_string_new (NULL);

  if (facts == NULL)
    facts = &none;
  g_string_append_printf (text, "Unbrick %s, for support, %s\n", PACKAGE_VERSION, time);
  g_string_append (
      text,
      "IMEI, serial numbers, MAC addresses and names of people and computers are hidden.\n");
  append_program (text, self);
  append_title (text, "Computer");
  ub_support_system_append (text, "");
  append_permission (text, self);
  append_ports (text, self);
  append_firmware (text, facts);
  append_title (text, "Last job");
  ub_support_report_append (text, facts->report);
  append_journals (text, facts);
  append_log (text, self);
  return dup_masked (self, text->str);
}

/* --- life --- */

static void
ub_support_dispose (GObject *object)
{
  UbSupport *self = UB_SUPPORT (object);

  ub_support_set_source (self, NULL);
  G_OBJECT_CLASS (ub_support_parent_class)->dispose (object);
}

static void
ub_support_finalize (GObject *object)
{
  UbSupport *self = UB_SUPPORT (object);

  g_clear_pointer (&self->sightings, g_hash_table_unref);
  g_ptr_array_unref (self->phones);
  g_free (self->libraries);
  G_OBJECT_CLASS (ub_support_parent_class)->finalize (object);
}

static void
ub_support_class_init (UbSupportClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ub_support_dispose;
  G_OBJECT_CLASS (klass)->finalize = ub_support_finalize;
}

static void
ub_support_init (UbSupport *self)
{
  self->phones = g_ptr_array_new_with_free_func (g_object_unref);
  self->sightings =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ub_sighting_free);
}

UbSupport *
ub_support_new (UbLog *log, const char *libraries)
{
  UbSupport *self = g_object_new (UB_TYPE_SUPPORT, NULL);

  self->log = log;
  self->libraries = g_strdup (libraries);
  return self;
}
