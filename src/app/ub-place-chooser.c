/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-place-chooser.h"

#include <glib/gi18n.h>

#include "app/ub-name.h"
#include "app/ub-part-source.h"
#include "app/ub-parts-list.h"
#include "app/ub-range.h"
#include "app/ub-stack.h"
#include "app/ub-toggle.h"
#include "app/ub-words.h"

struct _UbPlaceChooser
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget      *box;
  GtkWidget      *kinds;
  GtkCheckButton *whole;
  GtkCheckButton *parts;
  GtkCheckButton *range;
  GtkStack       *stack;
  GtkLabel       *whole_label;
  GtkWidget      *boot_box;
  GtkCheckButton *with_boot;
  GtkStack       *parts_stack;
  GtkLabel       *parts_label;
  UbPartsList    *list;
  GtkEditable    *names_entry;
  GtkDropDown    *region;
  GtkEditable    *begin;
  GtkEditable    *length;
  GtkLabel       *range_label;

  UbPlacePurpose purpose;
  GArray        *regions; /* of UbRegion, as in the drop-down */
  UbFirmware    *firmware;
  UbPhoneInfo   *phone;
  gboolean       expert;
  gboolean       filling;

  char       **names;
  UbPlanTarget target;
  char        *trouble; /* (nullable) */
};

G_DEFINE_FINAL_TYPE (UbPlaceChooser, ub_place_chooser, GTK_TYPE_WIDGET)

static const UbDaReport *
get_report (UbPlaceChooser *self)
{
  return self->phone != NULL ? ub_phone_info_get_report (self->phone) : NULL;
}

static guint64
get_whole_size (UbPlaceChooser *self)
{
  const UbDaReport *report = get_report (self);

  return report != NULL ? report->boot1_size + report->boot2_size + report->user_size : 0;
}

/* --- from what is chosen to a target --- */

static char *
check_parts (UbPlaceChooser *self)
{
  g_clear_pointer (&self->names, g_strfreev);
  if (ub_parts_list_get_n_rows (self->list) > 0)
    self->names = ub_parts_list_dup_names (self->list);
  else
    self->names = ub_part_source_split (gtk_editable_get_text (self->names_entry));
  self->target.names = (const char *const *) self->names;
  if (self->names[0] == NULL)
    return g_strdup (ub_parts_list_get_n_rows (self->list) > 0
                         ? _ ("Tick at least one part.")
                         : _ ("Write the name of at least one part."));
  for (guint i = 0; self->purpose == UB_PLACE_ERASE && self->names[i] != NULL; i++)
    {
      const char *lock = ub_part_source_get_lock (self->names[i], self->expert);

      if (lock != NULL)
        /* Translators: name of a part, and why it is kept */
        return g_strdup_printf (_ ("%s is not erased. %s."), self->names[i], lock);
    }
  return NULL;
}

static UbRegion
get_region (UbPlaceChooser *self)
{
  guint selected = gtk_drop_down_get_selected (self->region);

  return selected < self->regions->len ? g_array_index (self->regions, UbRegion, selected)
                                       : UB_REGION_UNKNOWN;
}

static guint64
get_capacity (UbPlaceChooser *self)
{
  const UbDaReport *report = get_report (self);

  return report != NULL ? ub_da_report_get_capacity (report, get_region (self)) : 0;
}

/* under the fields, while they are typed */
static void
show_range (UbPlaceChooser *self, const char *trouble)
{
  UbPlanTarget    *target = &self->target;
  g_autofree char *size = ub_words_format_part_size (target->length);
  g_autofree char *begin = ub_words_format_hex (target->offset);
  g_autofree char *end = ub_words_format_hex (target->offset + target->length - 1);
  g_autofree char *text = NULL;

  if (trouble != NULL)
    text = g_strdup (trouble);
  else if (target->length == G_MAXUINT64)
    /* Translators: %s is an address in hex */
    text = g_strdup_printf (_ ("From %s to the end"), begin);
  else
    /* Translators: two addresses in hex, and a size */
    text = g_strdup_printf (_ ("From %s to %s, %s"), begin, end, size);
  gtk_label_set_label (self->range_label, text);
}

static char *
check_range (UbPlaceChooser *self)
{
  char *trouble;

  self->target.region = get_region (self);
  trouble = ub_range_dup_trouble (gtk_editable_get_text (self->begin),
                                  gtk_editable_get_text (self->length),
                                  get_capacity (self),
                                  self->purpose == UB_PLACE_READ,
                                  &self->target.offset,
                                  &self->target.length);
  show_range (self, trouble);
  return trouble;
}

static void
update (UbPlaceChooser *self)
{
  if (self->filling)
    return;
  g_clear_pointer (&self->trouble, g_free);
  self->target = (UbPlanTarget){ .expert = self->expert };
  if (gtk_check_button_get_active (self->parts))
    self->trouble = check_parts (self);
  else if (gtk_check_button_get_active (self->range))
    self->trouble = check_range (self);
  else
    {
      self->target.whole = TRUE;
      self->target.with_boot =
          self->purpose == UB_PLACE_READ || gtk_check_button_get_active (self->with_boot);
    }
  g_signal_emit_by_name (self, "changed");
}

static void
kind_cb (UbPlaceChooser *self)
{
  const char *name = gtk_check_button_get_active (self->parts)   ? "parts"
                     : gtk_check_button_get_active (self->range) ? "range"
                                                                 : "whole";

  ub_stack_show (self->stack, name);
  update (self);
}

/* --- what is known --- */

static const char *
get_region_title (UbRegion region)
{
  switch (region)
    {
    case UB_REGION_EMMC_BOOT1:
      return _ ("Start-up area 1 (boot1)");
    case UB_REGION_EMMC_BOOT2:
      return _ ("Start-up area 2 (boot2)");
    case UB_REGION_UFS_LU0:
      return _ ("Start-up area 1 (LU0)");
    case UB_REGION_UFS_LU1:
      return _ ("Start-up area 2 (LU1)");
    default:
      return _ ("Main storage");
    }
}

static UbStorage
get_storage (UbPlaceChooser *self)
{
  if (get_report (self) != NULL)
    return get_report (self)->storage;
  if (self->firmware != NULL)
    return ub_part_source_get_storage (self->firmware);
  return UB_STORAGE_EMMC;
}

static void
fill_regions (UbPlaceChooser *self)
{
  static const UbRegion emmc[] = { UB_REGION_EMMC_USER,
                                   UB_REGION_EMMC_BOOT1,
                                   UB_REGION_EMMC_BOOT2 };
  static const UbRegion ufs[] = { UB_REGION_UFS_LU2, UB_REGION_UFS_LU0, UB_REGION_UFS_LU1 };
  static const UbRegion nand[] = { UB_REGION_NAND_WHOLE };
  UbStorage             storage = get_storage (self);
  const UbRegion       *regions = storage == UB_STORAGE_UFS    ? ufs
                                  : storage == UB_STORAGE_NAND ? nand
                                                               : emmc;
  guint                 n = storage == UB_STORAGE_NAND ? G_N_ELEMENTS (nand) : G_N_ELEMENTS (emmc);
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  if (self->regions->len > 0 && g_array_index (self->regions, UbRegion, 0) == regions[0])
    return;
  g_array_set_size (self->regions, 0);
  g_array_append_vals (self->regions, regions, n);
  for (guint i = 0; i < n; i++)
    gtk_string_list_append (names, get_region_title (regions[i]));
  gtk_drop_down_set_model (self->region, G_LIST_MODEL (names));
}

static void
fill_parts (UbPlaceChooser *self)
{
  g_autofree char *from = NULL;
  g_autoptr (GPtrArray) rows = ub_part_source_dup_rows (self->firmware,
                                                        self->phone,
                                                        self->purpose == UB_PLACE_ERASE,
                                                        self->expert,
                                                        &from);

  ub_parts_list_set_rows (self->list, rows, TRUE);
  ub_stack_show (self->parts_stack, rows->len > 0 ? "list" : "names");
  gtk_label_set_label (self->parts_label, from);
}

static void
show_whole (UbPlaceChooser *self)
{
  guint64          size = get_whole_size (self);
  g_autofree char *amount = ub_words_format_amount (size);
  g_autofree char *text = NULL;

  if (self->purpose == UB_PLACE_ERASE)
    text = g_strdup (_ ("Everything on the phone is erased: its system, apps, photos and messages. "
                        "Only what belongs "
                        "to this phone alone stays: IMEI, calibration, serial number."));
  else if (size > 0)
    /* Translators: %s is an amount of data: "31.3 GB" */
    text = g_strdup_printf (_ ("All %s of the phone, with the start-up area and the table of "
                               "parts. With such a copy the phone can "
                               "be put back exactly as it is now."),
                            amount);
  else
    text = g_strdup (_ ("All of the phone, with the start-up area and the table of parts. With "
                        "such a copy the phone can be put back "
                        "exactly as it is now. It takes as much room as the phone has storage, and "
                        "about two minutes for every GB."));
  gtk_label_set_label (self->whole_label, text);
}

void
ub_place_chooser_set_known (UbPlaceChooser *self,
                            UbFirmware     *firmware,
                            UbPhoneInfo    *phone,
                            gboolean        expert)
{
  if (self->firmware == firmware && self->phone == phone && self->expert == expert)
    return;
  g_set_object (&self->firmware, firmware);
  g_set_object (&self->phone, phone);
  self->expert = expert;
  self->filling = TRUE;
  fill_regions (self);
  fill_parts (self);
  show_whole (self);
  self->filling = FALSE;
  update (self);
}

void
ub_place_chooser_set_purpose (UbPlaceChooser *self, UbPlacePurpose purpose)
{
  gboolean erase = purpose == UB_PLACE_ERASE;

  self->purpose = purpose;
  gtk_widget_set_visible (self->boot_box, erase);
  if (erase)
    {
      /* the smallest first: all of it is not one slip away */
      gtk_check_button_set_label (self->whole, _ ("The _whole phone"));
      gtk_box_reorder_child_after (GTK_BOX (self->kinds),
                                   GTK_WIDGET (self->whole),
                                   GTK_WIDGET (self->range));
      gtk_check_button_set_active (self->parts, TRUE);
    }
  fill_regions (self);
  fill_parts (self);
  show_whole (self);
  kind_cb (self);
}

const UbPlanTarget *
ub_place_chooser_get_target (UbPlaceChooser *self)
{
  return self->trouble == NULL ? &self->target : NULL;
}

const char *
ub_place_chooser_get_trouble (UbPlaceChooser *self)
{
  return self->trouble;
}

gboolean
ub_place_chooser_shows_trouble (UbPlaceChooser *self)
{
  return self->trouble != NULL && gtk_check_button_get_active (self->range);
}

guint64
ub_place_chooser_get_size (UbPlaceChooser *self)
{
  guint64 capacity = get_capacity (self);

  if (self->trouble != NULL)
    return 0;
  if (self->target.whole)
    return get_whole_size (self);
  if (self->target.length == 0)
    return ub_parts_list_get_size (self->list);
  if (self->target.length < G_MAXUINT64)
    return self->target.length;
  return capacity > self->target.offset ? capacity - self->target.offset : 0;
}

/* --- life --- */

static void
ub_place_chooser_dispose (GObject *object)
{
  UbPlaceChooser *self = UB_PLACE_CHOOSER (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->firmware);
  g_clear_object (&self->phone);
  G_OBJECT_CLASS (ub_place_chooser_parent_class)->dispose (object);
}

static void
ub_place_chooser_finalize (GObject *object)
{
  UbPlaceChooser *self = UB_PLACE_CHOOSER (object);

  g_array_unref (self->regions);
  g_strfreev (self->names);
  g_free (self->trouble);
  G_OBJECT_CLASS (ub_place_chooser_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, UbPlaceChooser, box);
  gtk_widget_class_bind_template_child (widget_class, UbPlaceChooser, kinds);
  gtk_widget_class_bind_template_child (widget_class, UbPlaceChooser, whole);
  gtk_widget_class_bind_template_child (widget_class, UbPlaceChooser, parts);
  gtk_widget_class_bind_template_child (widget_class, UbPlaceChooser, range);
  gtk_widget_class_bind_template_child (widget_class, UbPlaceChooser, stack);
  gtk_widget_class_bind_template_child (widget_class, UbPlaceChooser, whole_label);
  gtk_widget_class_bind_template_child (widget_class, UbPlaceChooser, boot_box);
  gtk_widget_class_bind_template_child (widget_class, UbPlaceChooser, with_boot);
  gtk_widget_class_bind_template_child (widget_class, UbPlaceChooser, parts_stack);
  gtk_widget_class_bind_template_child (widget_class, UbPlaceChooser, parts_label);
  gtk_widget_class_bind_template_child (widget_class, UbPlaceChooser, list);
  gtk_widget_class_bind_template_child (widget_class, UbPlaceChooser, names_entry);
  gtk_widget_class_bind_template_child (widget_class, UbPlaceChooser, region);
  gtk_widget_class_bind_template_child (widget_class, UbPlaceChooser, begin);
  gtk_widget_class_bind_template_child (widget_class, UbPlaceChooser, length);
  gtk_widget_class_bind_template_child (widget_class, UbPlaceChooser, range_label);
}

static void
ub_place_chooser_class_init (UbPlaceChooserClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_place_chooser_dispose;
  G_OBJECT_CLASS (klass)->finalize = ub_place_chooser_finalize;
  g_type_ensure (UB_TYPE_PARTS_LIST);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-place-chooser.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, kind_cb);
  gtk_widget_class_bind_template_callback (widget_class, update);
  g_signal_new ("changed",
                UB_TYPE_PLACE_CHOOSER,
                G_SIGNAL_RUN_LAST,
                0,
                NULL,
                NULL,
                NULL,
                G_TYPE_NONE,
                0);
}

static void
ub_place_chooser_init (UbPlaceChooser *self)
{
  GtkWidget *title;

  self->regions = g_array_new (FALSE, FALSE, sizeof (UbRegion));
  self->filling = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  self->filling = FALSE;
  title = gtk_widget_get_prev_sibling (GTK_WIDGET (self->region));
  ub_name_inner (GTK_WIDGET (self->region), gtk_label_get_text (GTK_LABEL (title)));
  ub_toggle_add (self->whole);
  ub_toggle_add (self->parts);
  ub_toggle_add (self->range);
  ub_toggle_add (self->with_boot);
}
