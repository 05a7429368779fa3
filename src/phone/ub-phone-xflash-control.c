/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "phone/ub-phone-xflash.h"

/* DEVICE_CTRL: shared/protocol/xflash-and-xml.md §3.7 … §3.9, §3.21; what knows what, and sizes: genuine-agents.md §5.1 */

#define DA1 1
#define DA2 2
#define LATE 4 /* only agents that want a login */

#define BATTERY 0x020002

typedef enum
{
  GET,  /* status, data, status */
  SET,  /* status, the host's data, status */
  ACT,  /* status, status */
  TURN, /* status, the host's data, data, status */
} Kind;

typedef struct _Control Control;

struct _Control
{
  guint32 code;
  guint   stages;
  Kind    kind;
  gsize   size; /* of what is sent, or taken at most */
  guint32 (*run) (UbPracticePhone *self,
                  guint8          *data,
                  gsize            size); /* (nullable); returns the final status */
};

/* --- settings --- */

static guint32
set_checksum (UbPracticePhone *self, guint8 *data, gsize size)
{
  self->xflash->checksum_level = ub_phone_le32 (data);
  return 0;
}

static guint32
set_register (UbPracticePhone *self, guint8 *data, gsize size)
{
  return UB_PHONE_XFLASH_ERROR_REGISTER;
}

static guint32
lock_otp (UbPracticePhone *self, guint8 *data, gsize size)
{
  return UB_PHONE_XFLASH_ERROR_OTP;
}

static guint32
set_all_signatures (UbPracticePhone *self, guint8 *data, gsize size)
{
  gboolean again = self->xflash->signature_set;

  self->xflash->signature_set = TRUE;
  return again ? UB_PHONE_XFLASH_ERROR_SIGNATURE_SET : 0;
}

/* the maker's answer to the challenge of GET_DEV_FW_INFO */
static guint32
set_policy (UbPracticePhone *self, guint8 *data, gsize size)
{
  UbPhoneXflash *xflash = self->xflash;

  if (!self->options.agent_login)
    return 0;
  xflash->logged_in =
      xflash->n_challenges > 0 &&
      ub_phone_storage_is_answer (xflash->challenge, sizeof xflash->challenge, data, size);
  return xflash->logged_in ? 0 : UB_PHONE_XFLASH_ERROR_POLICY;
}

/* --- who it is --- */

static gboolean
is_ufs (UbPracticePhone *self)
{
  return self->options.storage == UB_STORAGE_UFS;
}

static void
put_cid (UbPracticePhone *self, guint8 *at)
{
  if (!self->mischief.nameless)
    memcpy (at, self->cid, sizeof self->cid);
}

static guint32
get_emmc (UbPracticePhone *self, guint8 *data, gsize size)
{
  static const guint8 health[3] = { 1, 1, 1 };

  if (is_ufs (self))
    return 0;
  ub_phone_put_le32 (data, 1);
  ub_phone_put_le32 (data + 4, 0x200);
  ub_phone_put_le64 (data + 8, ub_flash_get_size (self->boot1));
  ub_phone_put_le64 (data + 0x10, ub_flash_get_size (self->boot2));
  ub_phone_put_le64 (data + 0x18, ub_flash_get_size (self->rpmb));
  ub_phone_put_le64 (data + 0x40, ub_flash_get_size (self->user));
  put_cid (self, data + 0x48);
  memcpy (data + 0x60, health, sizeof health);
  return 0;
}

static guint32
get_ufs (UbPracticePhone *self, guint8 *data, gsize size)
{
  if (!is_ufs (self))
    return 0;
  ub_phone_put_le32 (data, 0x30);
  ub_phone_put_le32 (data + 4, 0x1000);
  ub_phone_put_le64 (data + 8, ub_flash_get_size (self->boot1));
  ub_phone_put_le64 (data + 0x10, ub_flash_get_size (self->boot2));
  ub_phone_put_le64 (data + 0x18, ub_flash_get_size (self->user));
  ub_phone_put_le16 (data + 0x20, 0x01ce);
  put_cid (self, data + 0x22);
  memcpy (data + 0x36, "0100", 4);
  return 0;
}

static guint32
get_version (UbPracticePhone *self, guint8 *data, gsize size)
{
  memcpy (data, "1.0", 3);
  return 0;
}

static guint32
get_packets (UbPracticePhone *self, guint8 *data, gsize size)
{
  guint32 to_phone, to_host;

  ub_phone_xflash_control_get_packets (self, &to_phone, &to_host);
  ub_phone_put_le32 (data, to_phone);
  ub_phone_put_le32 (data + 4, to_host);
  return 0;
}

void
ub_phone_xflash_control_get_packets (UbPracticePhone *self, guint32 *to_phone, guint32 *to_host)
{
  *to_phone = self->xflash->in_da2 ? UB_PHONE_XFLASH_WRITE_PACKET : 0x8000;
  *to_host = !self->xflash->in_da2 ? 0x8000 : self->xflash->system_os == 1 ? 0x10000 : 0x200000;
}

static guint32
get_random_id (UbPracticePhone *self, guint8 *data, gsize size)
{
  ub_phone_storage_get_id (self, 0xe1, data, size);
  return 0;
}

static guint32
get_hrid (UbPracticePhone *self, guint8 *data, gsize size)
{
  ub_phone_storage_get_id (self, 0x17, data, size);
  return 0;
}

static guint32
get_table_kind (UbPracticePhone *self, guint8 *data, gsize size)
{
  ub_phone_put_le32 (data, 0x64);
  return 0;
}

static guint32
get_ram (UbPracticePhone *self, guint8 *data, gsize size)
{
  ub_phone_put_le32 (data, 2);
  ub_phone_put_le64 (data + 8, 0x200000);
  ub_phone_put_le64 (data + 0x10, 0x70000);
  ub_phone_put_le32 (data + 0x18, self->xflash->dram ? 1 : 0);
  ub_phone_put_le64 (data + 0x20, 0x40000000);
  ub_phone_put_le64 (data + 0x28, self->xflash->dram ? self->chip->ram_size : 0);
  return 0;
}

static guint32
get_chip (UbPracticePhone *self, guint8 *data, gsize size)
{
  ub_phone_put_le16 (data, self->chip->hw_code);
  ub_phone_put_le16 (data + 2, self->chip->sub_code);
  ub_phone_put_le16 (data + 4, self->chip->hw_version);
  ub_phone_put_le16 (data + 6, self->chip->sw_version);
  return 0;
}

static guint32
get_otp (UbPracticePhone *self, guint8 *data, gsize size)
{
  ub_phone_put_le32 (data, 0x40040003);
  return 0;
}

static guint32
get_battery (UbPracticePhone *self, guint8 *data, gsize size)
{
  ub_phone_put_le32 (data, 3850);
  return 0;
}

static guint32
get_rpmb (UbPracticePhone *self, guint8 *data, gsize size)
{
  ub_phone_put_le32 (data, 0x10);
  return 0;
}

static guint32
get_dram_type (UbPracticePhone *self, guint8 *data, gsize size)
{
  ub_phone_put_le32 (data, 3);
  return 0;
}

static guint32
get_login_wanted (UbPracticePhone *self, guint8 *data, gsize size)
{
  ub_phone_put_le32 (data, 1);
  return 0;
}

static guint32
turn_register (UbPracticePhone *self, guint8 *data, gsize size)
{
  return UB_PHONE_XFLASH_ERROR_REGISTER;
}

/* --- those whose answer has no size of its own --- */

static void
say_text (UbPracticePhone *self, const char *text)
{
  ub_phone_frame_say (self, (const guint8 *) text, strlen (text));
}

/* @code 0x40013: 4 bytes of an agent that has no login; a challenge, fresh each time, of one that has */
static void
say_firmware_info (UbPracticePhone *self)
{
  static const guint8 nothing[4] = { 0x12, 0x34, 0x56, 0x78 };
  UbPhoneXflash      *xflash = self->xflash;
  guint8              info[0x44];

  if (!self->options.agent_login)
    {
      ub_phone_frame_say (self, nothing, sizeof nothing);
      return;
    }
  xflash->n_challenges++;
  for (guint i = 0; i < sizeof xflash->challenge; i++)
    xflash->challenge[i] =
        (guint8) (0x5d * (i + 1) + 0x1f * xflash->n_challenges + i * i * self->options.serial);
  ub_phone_put_le32 (info, 0x10000);
  memcpy (info + 4, xflash->challenge, sizeof xflash->challenge);
  ub_phone_storage_get_id (self, 0x17, info + 0x14, 16);
  ub_phone_storage_get_id (self, 0x3a, info + 0x24, 32);
  ub_phone_frame_say (self, info, sizeof info);
}

static gboolean
say_special (UbPracticePhone *self, guint32 code)
{
  if (code == 0x4000a)
    say_text (self, self->xflash->from_brom ? "brom" : "preloader");
  else if (code == 0x4000b)
    say_text (self, self->xflash->high_speed ? "high-speed" : "full-speed");
  else if (code == 0x40013)
    say_firmware_info (self);
  else
    return FALSE;
  return TRUE;
}

/* --- the table --- */

/* clang-format off */
static const Control controls[] = {
  { BATTERY, DA1 | DA2, SET, 4, NULL },
  { 0x020003, DA1, SET, 4, set_checksum },
  { 0x020004, DA1, SET, 4, NULL },
  { 0x020006, DA2, SET, 3, NULL },
  { 0x020009, DA2, SET, 8, set_register },
  { 0x02000a, DA2, SET, 0x200000, NULL },
  { 0x02000b, DA2, SET, 0x200000, set_policy },
  { 0x02000c, DA2, SET, 0x800000, set_all_signatures },
  { 0x02000d, DA2, SET, 0x148, NULL },
  { 0x02000e, DA2, SET, 4, NULL },
  { 0x040001, DA1 | DA2, GET, 0x68, get_emmc },
  { 0x040002, DA2, GET, 0x30, NULL },
  { 0x040003, DA2, GET, 0x10, NULL },
  { 0x040004, DA1 | DA2, GET, 0xd0, get_ufs },
  { 0x040005, DA1 | DA2, GET, 3, get_version },
  { 0x040007, DA1 | DA2, GET, 8, get_packets },
  { 0x040008, DA2, GET, 16, get_random_id },
  { 0x040009, DA1 | DA2, GET, 4, get_table_kind },
  { 0x04000a, DA1, GET, 0, NULL },
  { 0x04000b, DA1 | DA2, GET, 0, NULL },
  { 0x04000c, DA1 | DA2, GET, 0x30, get_ram },
  { 0x04000d, DA1 | DA2, GET, 12, get_chip },
  { 0x04000e, DA2, GET, 4, get_otp },
  { 0x04000f, DA2, GET, 4, get_battery },
  { 0x040010, DA1 | DA2, GET, 4, get_rpmb },
  { 0x040012, DA2, GET, 4, get_dram_type },
  { 0x040013, DA2, GET, 0, NULL },
  { 0x040014, DA2, GET, 16, get_hrid },
  { 0x040015, DA1 | DA2, GET, 128, NULL },
  { 0x040016, DA2 | LATE, GET, 4, get_login_wanted },
  { 0x080001, DA2, ACT, 0, NULL },
  { 0x080002, DA2, ACT, 0, NULL },
  { 0x080003, DA2, ACT, 0, lock_otp },
  { 0x080004, DA2, ACT, 0, NULL },
  { 0x080005, DA2, ACT, 0, NULL },
  { 0x080007, DA2, ACT, 0, NULL },
  { 0x0e0002, DA1, SET, 0x38, NULL },
  { 0x0e0003, DA2, TURN, 8, turn_register },
};
/* clang-format on */

static const Control *
find_control (UbPracticePhone *self, guint32 code)
{
  guint stage = self->xflash->in_da2 ? DA2 : DA1;

  for (guint i = 0; i < G_N_ELEMENTS (controls); i++)
    if (controls[i].code == code && (controls[i].stages & stage) != 0 &&
        ((controls[i].stages & LATE) == 0 || self->options.agent_login))
      return &controls[i];
  return NULL;
}

static void
taken_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  const Control     *control = find_control (self, self->xflash->control);
  gsize              length = data != NULL ? size : 0;
  g_autofree guint8 *parameter = g_malloc (control->size);
  guint32            status;

  ub_phone_xflash_fetch (parameter, control->size, data, length);
  if (control->code == BATTERY && ub_phone_mischief_at_battery (self, ub_phone_le32 (parameter)))
    {
      ub_practice_phone_hang (self);
      return;
    }
  status = control->run != NULL ? control->run (self, parameter, length) : 0;
  if (control->kind == TURN && status == 0)
    ub_phone_frame_say (self, parameter, control->size);
  ub_phone_xflash_end (self, status);
}

static void
answer (UbPracticePhone *self, const Control *control)
{
  g_autofree guint8 *data = g_malloc0 (MAX (control->size, 1));
  guint32            status = control->run != NULL ? control->run (self, data, control->size) : 0;

  if (control->kind == GET && !say_special (self, control->code))
    ub_phone_frame_say (self, data, control->size);
  ub_phone_xflash_end (self, status);
}

static void
code_cb (UbPracticePhone *self, const guint8 *data, gsize size)
{
  guint32        code = ub_phone_xflash_word (data, size);
  const Control *control = find_control (self, code);

  if (control == NULL)
    {
      ub_phone_xflash_end (self, UB_PHONE_XFLASH_ERROR_CONTROL);
      return;
    }
  self->xflash->control = code;
  ub_phone_frame_say_u32 (self, 0);
  ub_phone_xflash_log (self, "\r\n\r\n***(0.)Enter devc 0x%x cmd*** \r\n", code);
  if (control->kind == SET || control->kind == TURN)
    ub_phone_frame_expect (self, control->size, taken_cb);
  else
    answer (self, control);
}

void
ub_phone_xflash_control_begin (UbPracticePhone *self)
{
  ub_phone_frame_expect (self, 4, code_cb);
}
