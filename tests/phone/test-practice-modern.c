/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "client.h"

#include "base/ub-error.h"

#include <openssl/pem.h>

/* practice phones of framed agents: their storage, and what their firmware looks like
 * (shared/facts/scatter.md §1c … §1e, shared/protocol/xflash-and-xml.md §1.1 and §3.13) */

#define MIB (1024 * 1024)
#define GPT_MOST 128

typedef struct
{
  char    name[36];
  guint64 start, size;
} Part;

typedef struct
{
  guint n;
  Part  parts[GPT_MOST];
} Table;

static Client
open_chip (const char *chip, UbStorage storage)
{
  UbPracticePhoneOptions options = make_options (chip, UB_ENTER_PRELOADER);

  options.storage = storage;
  return open_client (&options);
}

static char *
load (const char *folder, const char *name, gsize *size)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  char *data;

  g_file_get_contents (path, &data, size, &error);
  g_assert_no_error (error);
  return data;
}

static guint16
le16 (const void *at)
{
  return (guint16) (le32 (at) & 0xffff);
}

static guint32
field32 (const char *at)
{
  return le32 ((const guint8 *) at);
}

static guint64
le64 (const guint8 *at)
{
  return le32 (at) | (guint64) le32 (at + 4) << 32;
}

static guint32
crc (const guint8 *data, gsize size)
{
  guint32 sum = ~0u;

  for (gsize i = 0; i < size; i++)
    {
      sum ^= data[i];
      for (guint bit = 0; bit < 8; bit++)
        sum = sum >> 1 ^ (sum & 1 ? 0xedb88320u : 0);
    }
  return ~sum;
}

/* the table whose header is in block @lba, checked as any reader would */
static void
read_table (Client *client, guint64 lba, guint block, guint64 entries_at, Table *table)
{
  guint8             header[92];
  guint32            sum;
  g_autofree guint8 *entries = g_malloc (GPT_MOST * 128);

  ub_practice_phone_peek (client->phone, UB_REGION_EMMC_USER, lba * block, header, sizeof header);
  g_assert_cmpmem (header, 8, "EFI PART", 8);
  sum = le32 (header + 16);
  memset (header + 16, 0, 4);
  g_assert_cmphex (crc (header, 92), ==, sum);
  g_assert_cmpuint (le64 (header + 24), ==, lba);
  g_assert_cmpuint (le64 (header + 72) * block, ==, entries_at);
  g_assert_cmpuint (le32 (header + 80), ==, GPT_MOST);
  ub_practice_phone_peek (client->phone, UB_REGION_EMMC_USER, entries_at, entries, GPT_MOST * 128);
  g_assert_cmphex (crc (entries, GPT_MOST * 128), ==, le32 (header + 88));
  memset (table, 0, sizeof *table);
  for (const guint8 *at = entries; at < entries + GPT_MOST * 128 && le32 (at) != 0; at += 128)
    {
      Part *part = &table->parts[table->n++];

      for (guint i = 0; i < 35; i++)
        part->name[i] = (char) at[56 + 2 * i];
      part->start = le64 (at + 32) * block;
      part->size = (le64 (at + 40) + 1) * block - part->start;
    }
}

static const Part *
find (const Table *table, const char *name)
{
  for (guint i = 0; i < table->n; i++)
    if (g_str_equal (table->parts[i].name, name))
      return &table->parts[i];
  return NULL;
}

/* one behind the other, whole blocks, between the two tables */
static void
check_table (const Table *table, guint block, guint64 first, guint64 end)
{
  guint64 at = first;

  g_assert_cmpuint (table->n, >, 25);
  for (guint i = 0; i < table->n; i++)
    {
      const Part *part = &table->parts[i];

      g_assert_cmpuint (part->start, >=, at);
      g_assert_cmpuint (part->size, >, 0);
      g_assert_cmpuint (part->size % block, ==, 0);
      at = part->start + part->size;
      g_assert_cmpuint (at, <=, end);
    }
}

/* each chip on each storage it knows, large and small: both tables, both layouts */
static void
test_storage (gconstpointer data)
{
  const UbPracticePhoneOptions *options = data;
  Client                        client = open_client (options);
  g_autofree char              *folder = g_dir_make_tmp ("ub-modern-XXXXXX", NULL);
  guint                         block = options->storage == UB_STORAGE_UFS ? 4096 : 512;
  guint64                       size = ub_practice_phone_get_size (client.phone, UB_REGION_UFS_LU2);
  guint64                       backup = options->storage == UB_STORAGE_UFS ? 0x8000 : 0x4200;
  g_autoptr (GError) error = NULL;
  Table one, two;

  g_assert_cmpuint (ub_practice_phone_get_product (client.phone), ==, 0x2000);
  read_table (&client, 1, block, 2 * block, &one);
  read_table (&client, size / block - 1, block, size - backup, &two);
  g_assert_cmpmem (&one, sizeof one, &two, sizeof two);
  check_table (&one, block, 0x8000, size - backup);
  g_assert_true (ub_practice_firmware_write_other (client.phone, folder, 0, FALSE, &error));
  g_assert_no_error (error);
  g_assert_true (ub_practice_firmware_write (client.phone, folder, 0, FALSE, &error));
  g_assert_no_error (error);
  remove_folder (folder);
  close_client (&client);
}

static void
add_storages (void)
{
  for (const char *const *chip = ub_practice_phone_list_chips (); *chip != NULL; chip++)
    for (guint i = 0; i < 4; i++)
      {
        UbPracticePhoneOptions *options = g_new0 (UbPracticePhoneOptions, 1);
        g_autofree char        *path = NULL;

        *options = make_options (*chip, UB_ENTER_PRELOADER);
        options->storage = i % 2 == 0 ? UB_STORAGE_EMMC : UB_STORAGE_UFS;
        options->user_size = i < 2 ? 0 : 4 * MIB;
        options->boot_size = i < 2 ? 0 : 64 * 1024;
        path = g_strdup_printf ("/phone/modern/storage/%s/%s/%s",
                                *chip,
                                ub_storage_to_string (options->storage),
                                i < 2 ? "large" : "small");
        if (atoi (*chip + 2) < 6750 || atoi (*chip + 2) > 8000 ||
            (i % 2 == 1 && !ub_practice_phone_chip_has_ufs (*chip)))
          g_free (options);
        else
          g_test_add_data_func_full (path, options, test_storage, g_free);
      }
}

/* real bytes: shared/protocol/brom-and-legacy.md §4.1 */
static void
test_boot_header (void)
{
  static const struct
  {
    UbStorage   storage;
    const char *head, *layout;
    guint64     begin;
  } kinds[] = {
    { UB_STORAGE_EMMC,
      "454d4d435f424f4f54000000"
      "01000000"
      "00020000"
      "ffffffff",
      "42524c5954000000"
      "01000000"
      "00080000",
      0x800 },
    { UB_STORAGE_UFS,
      "5546535f424f4f5400000000"
      "01000000"
      "00100000"
      "ffffffff",
      "42524c5954000000"
      "01000000"
      "00100000",
      0x1000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      Client           client = open_chip ("MT6785", kinds[i].storage);
      g_autofree char *head = NULL;
      g_autofree char *layout = NULL;
      guint8           bytes[24], gfh[4];

      ub_practice_phone_peek (client.phone, UB_REGION_UFS_LU0, 0, bytes, 24);
      head = to_hex (bytes, 24);
      g_assert_cmpstr (head, ==, kinds[i].head);
      ub_practice_phone_peek (client.phone, UB_REGION_UFS_LU0, 0x200, bytes, 16);
      layout = to_hex (bytes, 16);
      g_assert_cmpstr (layout, ==, kinds[i].layout);
      ub_practice_phone_peek (client.phone, UB_REGION_UFS_LU0, kinds[i].begin, gfh, 4);
      g_assert_cmpmem (gfh, 4, "MMM\x01", 4);
      close_client (&client);
    }
}

/* a header for another storage is none */
static void
test_boot_header_of_other (void)
{
  for (UbStorage storage = UB_STORAGE_EMMC; storage <= UB_STORAGE_UFS; storage++)
    {
      Client one = open_chip ("MT6789", storage);
      Client two =
          open_chip ("MT6789", storage == UB_STORAGE_UFS ? UB_STORAGE_EMMC : UB_STORAGE_UFS);
      g_autofree guint8 *area = g_malloc (4 * MIB);

      ub_practice_phone_peek (one.phone, UB_REGION_UFS_LU0, 0, area, 4 * MIB);
      ub_practice_phone_poke (two.phone, UB_REGION_UFS_LU0, 0, area, 4 * MIB);
      ub_practice_phone_unplug (two.phone);
      ub_practice_phone_plug (two.phone);
      g_assert_cmpuint (ub_practice_phone_get_product (two.phone), ==, 0x0003);
      /* nor one with nothing but another's name */
      ub_practice_phone_poke (one.phone,
                              UB_REGION_UFS_LU0,
                              0,
                              (const guint8 *) (storage == UB_STORAGE_UFS ? "EMMC_BOOT"
                                                                          : "UFS_BOOT\0"),
                              10);
      ub_practice_phone_unplug (one.phone);
      ub_practice_phone_plug (one.phone);
      g_assert_cmpuint (ub_practice_phone_get_product (one.phone), ==, 0x0003);
      close_client (&one);
      close_client (&two);
    }
}

/* it starts from what its misc says: only a kernel in the boot of that set is one */
static void
test_slots (void)
{
  for (guint i = 0; i < 8; i++)
    {
      UbPracticePhoneOptions options = make_options ("MT6768", UB_ENTER_PRELOADER);
      const gboolean kernel_in_b = i % 2 == 1, start_b = i / 2 % 2 == 1, spoilt = i / 4 == 1;
      guint8         control[32];
      Client         client;
      Table          table;

      options.active_slot = start_b ? 'b' : 'a';
      client = open_client (&options);
      read_table (&client, 1, 512, 1024, &table);
      ub_practice_phone_peek (client.phone,
                              UB_REGION_EMMC_USER,
                              find (&table, "misc")->start + 2048,
                              control,
                              32);
      g_assert_cmpstr ((char *) control, ==, start_b ? "_b" : "_a");
      g_assert_cmphex (le32 (control + 4), ==, 0x42414342);
      g_assert_cmphex (le32 (control + 28), ==, crc (control, 28));
      if (spoilt)
        ub_practice_phone_poke (client.phone,
                                UB_REGION_EMMC_USER,
                                find (&table, "misc")->start + 2048 + 20,
                                (const guint8 *) "x",
                                1);
      ub_practice_phone_poke (client.phone,
                              UB_REGION_EMMC_USER,
                              find (&table, kernel_in_b ? "boot_b" : "boot_a")->start,
                              (const guint8 *) "ANDROID!",
                              8);
      for (guint n = 0; n < 1000 && ub_practice_phone_is_present (client.phone); n++)
        ub_practice_phone_advance (client.phone, 10);
      ub_practice_phone_advance (client.phone, 4500);
      /* notes that are damaged are no notes: it starts from a */
      g_assert_cmpuint (ub_practice_phone_get_product (client.phone),
                        ==,
                        kernel_in_b == (start_b && !spoilt) ? 0x201d : 0x2000);
      close_client (&client);
    }
}

/* the value of @key of @part in one storage's section */
static char *
get_value (const char *section, const char *part, const char *key)
{
  g_autofree char *head = g_strdup_printf ("partition_name: %s\n", part);
  g_autofree char *label = g_strdup_printf (" %s: ", key);
  const char      *at = strstr (section, head);

  g_assert_nonnull (at);
  at = strstr (at, label) + strlen (label);
  return g_strndup (at, strcspn (at, "\n"));
}

static void
check (const char *section, const char *part, const char *key, const char *want)
{
  g_autofree char *value = get_value (section, part, key);

  g_assert_cmpstr (value, ==, want);
}

/* every part of the table is in @section where it is on the phone; *@n_moved: how many are not */
static void
compare_section (const char *section, const Table *table, guint *n_moved)
{
  *n_moved = 0;
  for (guint i = 0; i < table->n; i++)
    {
      const Part      *part = &table->parts[i];
      g_autofree char *start = get_value (section, part->name, "linear_start_addr");
      g_autofree char *size = get_value (section, part->name, "partition_size");

      if (g_str_has_prefix (start, "0xffff"))
        continue;
      *n_moved += g_ascii_strtoull (start, NULL, 0) != part->start ||
                  g_ascii_strtoull (size, NULL, 0) != part->size;
    }
}

static void
test_two_storages (void)
{
  for (UbStorage storage = UB_STORAGE_EMMC; storage <= UB_STORAGE_UFS; storage++)
    {
      Client           client = open_chip ("MT6785", storage);
      g_autofree char *folder = make_firmware (&client, FALSE);
      gsize            size;
      g_autofree char *scatter = load (folder, "MT6785_Android_scatter.txt", &size);
      char            *ufs = strstr (scatter, "- storage_type: UFS\n");
      g_autofree char *emmc = g_strndup (scatter, (gsize) (ufs - scatter));
      guint            moved, block = storage == UB_STORAGE_UFS ? 4096 : 512;
      Table            table;

      g_assert_nonnull (strstr (emmc, "    - config_version: V2.1.0\n"));
      g_assert_nonnull (strstr (emmc, "- storage_type: EMMC\n"));
      g_assert_nonnull (strstr (emmc, "        block_size: 0x20000\n"));
      g_assert_nonnull (strstr (ufs, "        block_size: 0x80000\n"));
      g_assert_nonnull (strstr (ufs, "  - partition_index: SYS0\n    partition_name: preloader\n"));
      check (emmc, "preloader", "region", "EMMC_BOOT1_BOOT2");
      check (ufs, "preloader", "region", "UFS_LU0_LU1");
      check (ufs, "boot", "region", "UFS_LU2");
      check (ufs, "boot", "storage", "HW_STORAGE_UFS");
      check (emmc, "flashinfo", "linear_start_addr", "0xffff0020");
      check (ufs, "flashinfo", "linear_start_addr", "0xffff0008");
      check (ufs, "sgpt", "linear_start_addr", "0xffff0000");
      check (ufs, "sgpt", "partition_size", "0x8000");
      read_table (&client, 1, block, 2 * block, &table);
      compare_section (storage == UB_STORAGE_UFS ? ufs : emmc, &table, &moved);
      g_assert_cmpuint (moved, ==, 0);
      compare_section (storage == UB_STORAGE_UFS ? emmc : ufs, &table, &moved);
      g_assert_cmpuint (moved, >, 0);
      remove_folder (folder);
      close_client (&client);
    }
}

static void
test_one_storage (void)
{
  Client           client = open_chip ("MT6765", UB_STORAGE_EMMC);
  g_autofree char *folder = make_firmware (&client, FALSE);
  gsize            size;
  g_autofree char *scatter = load (folder, "MT6765_Android_scatter.txt", &size);
  guint            moved;
  Table            table;

  g_assert_nonnull (strstr (scatter, "    - config_version: V1.1.2\n"));
  g_assert_null (strstr (scatter, "storage_type"));
  check (scatter, "tee1", "file_name", "tee.img");
  check (scatter, "tee2", "file_name", "tee.img");
  check (scatter, "otp", "is_reserved", "true");
  read_table (&client, 1, 512, 1024, &table);
  compare_section (scatter, &table, &moved);
  g_assert_cmpuint (moved, ==, 0);
  remove_folder (folder);
  close_client (&client);
}

/* DA1 knows the digest of its DA2 without signature */
static void
check_digest (const guint8 *da1, gsize da1_size, const guint8 *da2, gsize da2_size)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize  length = sizeof digest;

  g_checksum_update (sum, da2, (gssize) da2_size - 0x100);
  g_checksum_get_digest (sum, digest, &length);
  g_assert_nonnull (memmem (da1, da1_size, digest, length));
  g_assert_nonnull (memmem (da1, da1_size, "UNBRICK PRACTICE DA1", 20));
}

static void
test_xflash_container (void)
{
  static const guint16 codes[] = { 0x6755, 0x6757, 0x6765, 0x6768, 0x6785, 0x6877 };
  Client               client = open_chip ("MT6755", UB_STORAGE_EMMC);
  g_autofree char     *folder = make_firmware (&client, FALSE);
  gsize                size;
  g_autofree char     *file = load (folder, "MTK_AllInOne_DA_practice.bin", &size);

  g_assert_true (g_str_has_prefix (file + 0x20, "MTK_AllInOne_DA_v3.3001.2020"));
  g_assert_cmpuint (field32 (file + 0x68), ==, G_N_ELEMENTS (codes));
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      Agent agent = load_agent (folder, codes[i]);

      g_assert_cmphex (le16 (file + 0x6c + 0xdc * i + 2), ==, codes[i]);
      g_assert_cmphex (agent.da1_address, ==, 0x200000);
      g_assert_cmphex (agent.da2_address, ==, 0x40000000);
      check_digest (agent.da1, agent.da1_size, agent.da2, agent.da2_size);
      g_assert_nonnull (memmem (agent.da1, agent.da1_size, "cmd_boot_to", 11));
      g_free (agent.file);
    }
  remove_folder (folder);
  close_client (&client);
}

static guint32
add_sum (const char *data, gsize size)
{
  guint32 sum = 0;
  gsize   i = 0;

  for (; i + 4 <= size; i += 4)
    sum += field32 (data + i);
  for (; i < size; i++)
    sum += (guint8) data[i];
  return sum;
}

static void
test_xml_package (void)
{
  static const char *const sums[] = { "preloader_practice.bin", "logo.bin", "super.img" };
  Client                   client = open_chip ("MT6789", UB_STORAGE_UFS);
  g_autofree char         *folder = make_firmware (&client, FALSE);
  gsize                    size;
  g_autofree char         *scatter = load (folder, "MT6789_Android_scatter.xml", &size);
  g_autofree char         *checksums = load (folder, "scatter_checksum.xml", &size);
  g_autofree char         *flash = load (folder, "download_agent/flash.xml", &size);

  g_assert_true (g_str_has_prefix (scatter, "<?xml version=\"1.0\""));
  g_assert_nonnull (strstr (scatter, "<config_version name=\"V2.1.0\">"));
  g_assert_nonnull (strstr (scatter, "<storage_type name=\"UFS\">"));
  g_assert_nonnull (strstr (scatter, "<partition_name>preloader_backup</partition_name>"));
  g_assert_nonnull (strstr (scatter, "<region>UFS_LU1</region>"));
  g_assert_nonnull (strstr (scatter,
                            "<partition_name>boot_b</partition_name>\n"
                            "      <file_name>NONE</file_name>"));
  g_assert_nonnull (strstr (flash, "DA_BR.bin"));
  g_assert_nonnull (strstr (flash, "MT6789_Android_scatter.xml"));
  for (guint i = 0; i < G_N_ELEMENTS (sums); i++)
    {
      g_autofree char *data = load (folder, sums[i], &size);
      g_autofree char *line =
          g_strdup_printf ("<file name=\"%s\" chk_method=\"ADD\" checksum=\"0x%08x\"/>",
                           sums[i],
                           add_sum (data, size));

      g_assert_nonnull (strstr (checksums, line));
    }
  remove_folder (folder);
  close_client (&client);
}

/* one chip, an entry cut short, region 0 the same as region 1, signatures by their place in the file */
static void
test_xml_container (void)
{
  Client           client = open_chip ("MT6886", UB_STORAGE_EMMC);
  g_autofree char *folder = make_firmware (&client, FALSE);
  gsize            size;
  g_autofree char *file = load (folder, "download_agent/DA_BR.bin", &size);
  const char      *entry = file + 0x6c, *da1 = entry + 0x28, *da2 = entry + 0x3c;

  g_assert_true (g_str_has_prefix (file + 0x20, "MTK_DA_v6_"));
  g_assert_cmpuint (field32 (file + 0x68), ==, 1);
  g_assert_cmphex (le16 (entry), ==, 0xdada);
  g_assert_cmphex (le16 (entry + 2), ==, 0x1229);
  g_assert_cmphex (le16 (entry + 4), ==, 0x8a00);
  g_assert_cmpmem (entry + 0x14, 20, da1, 20);
  g_assert_cmphex (field32 (da1), ==, 0xbc);
  g_assert_cmphex (field32 (da1 + 8), ==, 0x02000000);
  g_assert_cmphex (field32 (da1 + 12), ==, 0xbc + field32 (da1 + 4) - 0x100);
  g_assert_cmphex (field32 (da2 + 8), ==, 0x40000000);
  g_assert_cmphex (field32 (da2 + 12), ==, size - 0x100);
  g_assert_cmphex (field32 (da2 + 16), ==, 0x100);
  check_digest ((guint8 *) file + field32 (da1),
                field32 (da1 + 4),
                (guint8 *) file + field32 (da2),
                field32 (da2 + 4));
  remove_folder (folder);
  close_client (&client);
}

/* sparse whatever was asked for, and a super image inside */
static void
test_super (void)
{
  Client           client = open_chip ("MT6877", UB_STORAGE_UFS);
  g_autofree char *folder = make_firmware (&client, FALSE);
  gsize            size;
  g_autofree char *image = load (folder, "super.img", &size);

  g_assert_cmphex (field32 (image), ==, 0xed26ff3a);
  g_assert_cmpuint (field32 (image + 16) * 4096, ==, 6 * MIB);
  g_assert_cmphex (field32 (image + 28 + 12 + 4096), ==, 0x616c4467);
  remove_folder (folder);
  close_client (&client);
}

/* memory settings can be read from the phone itself, and are those of the firmware's preloader */
static void
test_emi (void)
{
  static const struct
  {
    const char *chip, *version;
    gsize       record;
  } kinds[] = { { "MT6750", "22", 176 },
                { "MT6757", "25", 160 },
                { "MT6765", "35", 160 },
                { "MT6768", "40", 160 },
                { "MT6785", "45", 160 } };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      Client             client = open_chip (kinds[i].chip, UB_STORAGE_EMMC);
      g_autofree char   *folder = make_firmware (&client, FALSE);
      g_autofree char   *magic = g_strconcat ("MTK_BLOADER_INFO_v", kinds[i].version, NULL);
      gsize              size;
      g_autofree guint8 *records = load_records (folder, &size);
      g_autofree guint8 *boot1 = g_malloc (4 * MIB);
      const guint8      *block;

      ub_practice_phone_peek (client.phone, UB_REGION_EMMC_BOOT1, 0, boot1, 4 * MIB);
      block = memmem (boot1, 4 * MIB, magic, strlen (magic) + 1);
      g_assert_nonnull (block);
      g_assert_cmpuint (size, ==, le32 (block + 0x6c) * kinds[i].record);
      g_assert_cmpmem (block + 0x70, size, records, size);
      remove_folder (folder);
      close_client (&client);
    }
}

/* --- locks --- */

static gboolean
is_signed (EVP_PKEY *key, const char *data, gsize size)
{
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  gboolean    good = EVP_DigestVerifyInit (context, NULL, EVP_sha256 (), NULL, key) == 1 &&
                  EVP_DigestVerify (context,
                                    (const guint8 *) data + size - 0x100,
                                    0x100,
                                    (const guint8 *) data,
                                    size - 0x100) == 1;

  EVP_MD_CTX_free (context);
  return good;
}

static EVP_PKEY *
load_key (const char *folder)
{
  gsize            size;
  g_autofree char *pem = load (folder, "practice_key.pem", &size);
  BIO             *bio = BIO_new_mem_buf (pem, (int) size);
  EVP_PKEY        *key = PEM_read_bio_PrivateKey (bio, NULL, NULL, NULL);

  BIO_free (bio);
  g_assert_nonnull (key);
  return key;
}

static gboolean
exists (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
test_locked (void)
{
  static const char *const files[] = {
    "preloader_practice.bin", "lk.img",    "boot.img",    "tee.img", "dtbo.img", "vbmeta.img",
    "auth_sv5.auth",          "root.cert", "recovery.img"
  };
  UbPracticePhoneOptions options = make_options ("MT6785", UB_ENTER_PRELOADER);
  Client                 client, open = open_client (&options);
  g_autofree char       *plain = make_firmware (&open, FALSE);
  g_autofree char       *folder = NULL;
  EVP_PKEY              *key;
  Agent                  agent;

  options.target_config = 7;
  client = open_client (&options);
  folder = make_firmware (&client, FALSE);
  key = load_key (folder);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      gsize            size;
      g_autofree char *data = load (folder, files[i], &size);

      g_assert_true (is_signed (key, data, size));
      data[size / 2] ^= 1;
      g_assert_false (is_signed (key, data, size));
    }
  agent = load_agent (folder, 0x6785);
  g_assert_true (is_signed (key, (char *) agent.da1, agent.da1_size));
  g_free (agent.file);
  agent = load_agent (plain, 0x6785);
  g_assert_false (is_signed (key, (char *) agent.da1, agent.da1_size));
  g_free (agent.file);
  g_assert_false (exists (plain, "practice_key.pem"));
  g_assert_false (exists (plain, "auth_sv5.auth"));
  EVP_PKEY_free (key);
  remove_folder (folder);
  remove_folder (plain);
  close_client (&client);
  close_client (&open);
}

/* the key is given to those who have to log in to the agent, too */
static void
test_agent_login (void)
{
  UbPracticePhoneOptions options = make_options ("MT6765", UB_ENTER_PRELOADER);
  Client                 client;
  g_autofree char       *folder = NULL;

  options.agent_login = TRUE;
  client = open_client (&options);
  folder = make_firmware (&client, FALSE);
  g_assert_true (exists (folder, "practice_key.pem"));
  remove_folder (folder);
  close_client (&client);
}

static void
test_refusals (void)
{
  UbPracticePhoneOptions options = make_options ("MT6765", UB_ENTER_PRELOADER);
  g_autoptr (GError) no_ufs = NULL, no_ebr = NULL, no_slot = NULL, no_size = NULL, nand = NULL;

  options.storage = UB_STORAGE_UFS;
  g_assert_null (ub_practice_phone_new (&options, &no_ufs));
  g_assert_error (no_ufs, UB_ERROR, UB_ERROR_UNSUPPORTED);
  options.storage = UB_STORAGE_NAND;
  g_assert_null (ub_practice_phone_new (&options, &nand));
  g_assert_error (nand, UB_ERROR, UB_ERROR_UNSUPPORTED);
  options.storage = UB_STORAGE_UNKNOWN;
  options.table = UB_TABLE_EBR;
  g_assert_null (ub_practice_phone_new (&options, &no_ebr));
  g_assert_error (no_ebr, UB_ERROR, UB_ERROR_UNSUPPORTED);
  options.table = UB_TABLE_GPT;
  options.active_slot = 'c';
  g_assert_null (ub_practice_phone_new (&options, &no_slot));
  g_assert_error (no_slot, UB_ERROR, UB_ERROR_UNSUPPORTED);
  options = make_options ("MT6789", UB_ENTER_PRELOADER);
  options.storage = UB_STORAGE_UFS;
  options.user_size = 64 * MIB + 0x20000;
  g_assert_null (ub_practice_phone_new (&options, &no_size));
  g_assert_error (no_size, UB_ERROR, UB_ERROR_UNSUPPORTED);
  g_assert_false (ub_practice_phone_chip_has_ufs ("MT9999"));
  g_assert_false (ub_practice_phone_chip_has_slots ("MT6580"));
  g_assert_true (ub_practice_phone_chip_has_slots ("MT6886"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_storages ();
  g_test_add_func ("/phone/modern/boot-header", test_boot_header);
  g_test_add_func ("/phone/modern/boot-header-of-other", test_boot_header_of_other);
  g_test_add_func ("/phone/modern/slots", test_slots);
  g_test_add_func ("/phone/modern/two-storages", test_two_storages);
  g_test_add_func ("/phone/modern/one-storage", test_one_storage);
  g_test_add_func ("/phone/modern/xflash-container", test_xflash_container);
  g_test_add_func ("/phone/modern/xml-package", test_xml_package);
  g_test_add_func ("/phone/modern/xml-container", test_xml_container);
  g_test_add_func ("/phone/modern/super", test_super);
  g_test_add_func ("/phone/modern/emi", test_emi);
  g_test_add_func ("/phone/modern/locked", test_locked);
  g_test_add_func ("/phone/modern/agent-login", test_agent_login);
  g_test_add_func ("/phone/modern/refusals", test_refusals);
  return g_test_run ();
}
