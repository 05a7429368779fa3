/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-partition.h"

#include <string.h>

static const struct
{
  UbOperation operation;
  const char *name;
} operations[] = {
  { UB_OPERATION_UPDATE, "UPDATE" },
  { UB_OPERATION_INVISIBLE, "INVISIBLE" },
  { UB_OPERATION_PROTECTED, "PROTECTED" },
  { UB_OPERATION_RESERVED, "RESERVED" },
  { UB_OPERATION_BOOTLOADERS, "BOOTLOADERS" },
  { UB_OPERATION_BOOTLOADERS, "BOOTLOADER" },
  { UB_OPERATION_BINREGION, "BINREGION" },
  { UB_OPERATION_NEEDRESIZE, "NEEDRESIZE" },
  { UB_OPERATION_LOGIC, "LOGIC" },
};

typedef struct
{
  UbRole             role;
  gboolean           prefix; /* the names are how longer ones begin */
  const char *const *names;
} RoleList;

/* What is lost for ever, or only a service centre can make again: IMEI, calibration, serial number,
 * keys, lock state (shared/facts/scatter.md §3). efuse and sec1 are here because writing them burns
 * fuses. */
static const char *const protected_names[] = {
  "nvram",        "nvram2",       "nvdata",      "nvcfg",           "proinfo",   "pro_info",
  "product_info", "protect1",     "protect2",    "protect_f",       "protect_s", "persist",
  "persistent",   "persistbak",   "persist_bak", "journey_persist", "seccfg",    "sec1",
  "efuse",        "frp",          "keystore",    "oemkeystore",     "tkstore",   "keybox",
  "kb",           "dkb",          "ocdt",        "backup",          "autobak",   "oeminfo",
  "mobile_info",  "countrycode",  "efs",         "sec_efs",         "steady",    "devinfo",
  "deviceinfo",   "traceability", "simlock",     "sim_lock",        "sn",        "idme",
  "utags",        "hw",           "prodnv",      "secdata",         "rpmb",      NULL,
};
static const char *const protected_prefixes[] = { "opporeserve", "oplusreserve", "opluscal", NULL };
static const char *const preloader_names[] = { "preloader",
                                               "preloader2",
                                               "preloader_backup",
                                               "preloader_bak",
                                               NULL };
static const char *const start_up_names[] = {
  "ppl",         "lk",         "lk2",         "lk_bak", "uboot",   "boot",       "boot2",
  "bootimg",     "init_boot",  "vendor_boot", "tee1",   "tee2",    "tee",        "teeinfo",
  "trustzone",   "trustzone1", "trustzone2",  "tz",     "logo",    "dtbo",       "dtb",
  "odmdtbo",     "vbmeta",     "sec_ro",      "secro",  "dsp_bl",  "boot_para",  "bl2_ext",
  "gz",          "gz1",        "gz2",         "sspm",   "sspm_1",  "sspm_2",     "scp",
  "scp1",        "scp2",       "spmfw",       "mcupm",  "mcupm_1", "mcupm_2",    "mcupmfw",
  "mcf_ota",     "dpm",        "dpm_1",       "dpm_2",  "pi_img",  "loader_ext", "loader_ext1",
  "loader_ext2", "loader2",    "picachu",     "gpueb",  "vcp",     NULL,
};
static const char *const start_up_prefixes[] = { "vbmeta_", NULL };
static const char *const table_names[] = { "pgpt", "sgpt", "gpt",  "mbr", "ebr1",
                                           "ebr2", "ebr3", "ebr4", "pmt", NULL };
static const char *const reserved_names[] = { "bmtpool",  "otp",         "flashinfo", "sdrpmb",
                                              "reserved", "fat_bmtpool", NULL };

static const RoleList role_lists[] = {
  { UB_ROLE_PROTECTED, FALSE, protected_names }, { UB_ROLE_PROTECTED, TRUE, protected_prefixes },
  { UB_ROLE_PRELOADER, FALSE, preloader_names }, { UB_ROLE_START_UP, FALSE, start_up_names },
  { UB_ROLE_START_UP, TRUE, start_up_prefixes }, { UB_ROLE_TABLE, FALSE, table_names },
  { UB_ROLE_RESERVED, FALSE, reserved_names },
};

UbPartition *
ub_partition_new (void)
{
  return g_new0 (UbPartition, 1);
}

/**
 * ub_partition_copy:
 *
 * Returns: (transfer full): a deep copy.
 */
UbPartition *
ub_partition_copy (const UbPartition *self)
{
  UbPartition *copy = g_new (UbPartition, 1);

  *copy = *self;
  copy->name = g_strdup (self->name);
  copy->file_name = g_strdup (self->file_name);
  copy->type = g_strdup (self->type);
  copy->image_path = g_strdup (self->image_path);
  copy->image_trouble = g_strdup (self->image_trouble);
  return copy;
}

void
ub_partition_free (UbPartition *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->file_name);
  g_free (self->type);
  g_free (self->image_path);
  g_free (self->image_trouble);
  g_free (self);
}

static gboolean
role_list_has (const RoleList *list, const char *name)
{
  for (gsize i = 0; list->names[i] != NULL; i++)
    if (list->prefix ? g_str_has_prefix (name, list->names[i]) : strcmp (name, list->names[i]) == 0)
      return TRUE;
  return FALSE;
}

static UbRole
lower_name_role (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (role_lists); i++)
    if (role_list_has (&role_lists[i], name))
      return role_lists[i].role;
  return UB_ROLE_NORMAL;
}

/**
 * ub_partition_role_for_name:
 * @name: in any case, with or without "_a", "_b" or the old "__NODL_"
 *
 * Returns: what a partition of this name is to us, from our own list; a scatter's marks are not
 * asked, for they do not name nvdata, seccfg and the like (shared/facts/scatter.md §3).
 */
UbRole
ub_partition_role_for_name (const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);
  char            *start = g_str_has_prefix (lower, "__nodl_") ? lower + strlen ("__nodl_") : lower;
  UbRole           role = lower_name_role (start);

  if (role != UB_ROLE_NORMAL)
    return role;
  if (g_str_has_suffix (start, "_a") || g_str_has_suffix (start, "_b"))
    start[strlen (start) - 2] = '\0';
  return lower_name_role (start);
}

const char *
ub_operation_to_string (UbOperation operation)
{
  for (gsize i = 0; i < G_N_ELEMENTS (operations); i++)
    if (operations[i].operation == operation)
      return operations[i].name;
  return "unknown";
}

UbOperation
ub_operation_from_string (const char *text)
{
  if (text == NULL)
    return UB_OPERATION_UNKNOWN;
  for (gsize i = 0; i < G_N_ELEMENTS (operations); i++)
    if (g_ascii_strcasecmp (operations[i].name, text) == 0)
      return operations[i].operation;
  return UB_OPERATION_UNKNOWN;
}

/**
 * ub_partition_resolve_start:
 * @capacity: bytes of the partition's region on the phone
 *
 * Returns: where it begins, in bytes from the begin of the region; %G_MAXUINT64 if it does not fit
 *   (shared/facts/scatter.md §4)
 */
guint64
ub_partition_resolve_start (const UbPartition *self, guint64 capacity)
{
  if (self->start > capacity)
    return G_MAXUINT64;
  guint64 start = self->from_end ? capacity - self->start : self->start;
  return self->size > capacity - start ? G_MAXUINT64 : start;
}
