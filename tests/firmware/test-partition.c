/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "firmware/ub-partition.h"

static void
test_protected (void)
{
  static const char *const names[] = {
    "nvram",    "NVRAM",        "nvdata",   "nvdata_a",    "nvcfg",     "proinfo",
    "PRO_INFO", "protect1",     "protect2", "PROTECT_F",   "protect_s", "persist",
    "seccfg",   "SECCFG",       "keystore", "oemkeystore", "frp",       "opporeserve1",
    "ocdt",     "__NODL_NVRAM", "efuse",    "sec1",        "backup",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_cmpint (ub_partition_role_for_name (names[i]), ==, UB_ROLE_PROTECTED);
}

static void
test_roles (void)
{
  static const struct
  {
    const char *name;
    UbRole      role;
  } cases[] = {
    { "preloader", UB_ROLE_PRELOADER },
    { "PRELOADER", UB_ROLE_PRELOADER },
    { "preloader_a", UB_ROLE_PRELOADER },
    { "preloader_backup", UB_ROLE_PRELOADER },
    { "SEC_RO", UB_ROLE_START_UP },
    { "secro", UB_ROLE_START_UP },
    { "lk", UB_ROLE_START_UP },
    { "lk_b", UB_ROLE_START_UP },
    { "UBOOT", UB_ROLE_START_UP },
    { "tee1", UB_ROLE_START_UP },
    { "vbmeta_system_a", UB_ROLE_START_UP },
    { "vbmeta_b", UB_ROLE_START_UP },
    { "dtbo_a", UB_ROLE_START_UP },
    { "logo", UB_ROLE_START_UP },
    { "pgpt", UB_ROLE_TABLE },
    { "sgpt", UB_ROLE_TABLE },
    { "MBR", UB_ROLE_TABLE },
    { "EBR2", UB_ROLE_TABLE },
    { "__NODL_PMT", UB_ROLE_TABLE },
    { "BMTPOOL", UB_ROLE_RESERVED },
    { "flashinfo", UB_ROLE_RESERVED },
    { "otp", UB_ROLE_RESERVED },
    { "system", UB_ROLE_NORMAL },
    { "userdata", UB_ROLE_NORMAL },
    { "metadata", UB_ROLE_NORMAL },
    { "para", UB_ROLE_NORMAL },
    { "", UB_ROLE_NORMAL },
    { "_a", UB_ROLE_NORMAL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (ub_partition_role_for_name (cases[i].name), ==, cases[i].role);
}

static void
test_operations (void)
{
  g_assert_cmpint (ub_operation_from_string ("update"), ==, UB_OPERATION_UPDATE);
  g_assert_cmpint (ub_operation_from_string ("BOOTLOADER"), ==, UB_OPERATION_BOOTLOADERS);
  g_assert_cmpint (ub_operation_from_string ("FORMAT_C"), ==, UB_OPERATION_UNKNOWN);
  g_assert_cmpint (ub_operation_from_string (NULL), ==, UB_OPERATION_UNKNOWN);
  g_assert_cmpstr (ub_operation_to_string (UB_OPERATION_BOOTLOADERS), ==, "BOOTLOADERS");
  g_assert_cmpstr (ub_operation_to_string (UB_OPERATION_UNKNOWN), ==, "unknown");
}

static void
test_resolve (void)
{
  UbPartition row = { .start = 0x1000, .size = 0x2000 };
  UbPartition tail = { .from_end = TRUE, .start = 0x1000, .size = 0x800 };

  g_assert_cmphex (ub_partition_resolve_start (&row, 0x3000), ==, 0x1000);
  g_assert_cmphex (ub_partition_resolve_start (&row, 0x2fff), ==, G_MAXUINT64);
  g_assert_cmphex (ub_partition_resolve_start (&tail, 0x10000), ==, 0xf000);
  g_assert_cmphex (ub_partition_resolve_start (&tail, 0xfff), ==, G_MAXUINT64);
  tail.size = 0x1001;
  g_assert_cmphex (ub_partition_resolve_start (&tail, 0x10000), ==, G_MAXUINT64);
  row.size = 0;
  g_assert_cmphex (ub_partition_resolve_start (&row, 0x1000), ==, 0x1000);
  row.size = G_MAXUINT64;
  g_assert_cmphex (ub_partition_resolve_start (&row, G_MAXUINT64 - 1), ==, G_MAXUINT64);
}

static void
test_copy (void)
{
  g_autoptr (UbPartition) row = ub_partition_new ();

  row->name = g_strdup ("boot");
  row->file_name = g_strdup ("boot.img");
  row->size = 7;
  g_autoptr (UbPartition) copy = ub_partition_copy (row);
  g_assert_cmpstr (copy->name, ==, "boot");
  g_assert_true (copy->name != row->name);
  g_assert_cmpstr (copy->file_name, ==, "boot.img");
  g_assert_null (copy->image_path);
  g_assert_cmpuint (copy->size, ==, 7);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/firmware/partition/protected", test_protected);
  g_test_add_func ("/firmware/partition/roles", test_roles);
  g_test_add_func ("/firmware/partition/operations", test_operations);
  g_test_add_func ("/firmware/partition/resolve", test_resolve);
  g_test_add_func ("/firmware/partition/copy", test_copy);
  return g_test_run ();
}
