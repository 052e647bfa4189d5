// SPDX-License-Identifier: GPL-2.0
/*
 * Where large folios are wanted: /sys/kernel/mm/transparent_hugepage, the boot parameter
 * transparent_hugepage=, MADV_HUGEPAGE and MADV_NOHUGEPAGE.
 *
 * A size is allowed in a VMA if its own "enabled" says so, or says "inherit" and the
 * global "enabled" does.  At boot the PMD's size inherits "madvise" and the others are
 * "never".
 */
#include <linux/init.h>
#include <linux/khugepaged.h>
#include <linux/kobject.h>
#include <linux/kstrtox.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <machine/machine.h>

#define FLAGS_AT_BOOT	(BIT(TRANSPARENT_HUGEPAGE_REQ_MADV_FLAG) |		\
			 BIT(TRANSPARENT_HUGEPAGE_DEFRAG_REQ_MADV_FLAG) |	\
			 BIT(TRANSPARENT_HUGEPAGE_DEFRAG_KHUGEPAGED_FLAG) |	\
			 BIT(TRANSPARENT_HUGEPAGE_USE_ZERO_PAGE_FLAG))

unsigned long transparent_hugepage_flags = FLAGS_AT_BOOT;
unsigned long huge_anon_orders_always;
unsigned long huge_anon_orders_madvise;
unsigned long huge_anon_orders_inherit = BIT(HPAGE_PMD_ORDER);
static DEFINE_SPINLOCK(huge_anon_orders_lock);

unsigned long thp_vma_allowable_orders(struct vm_area_struct *vma, unsigned long vm_flags,
				       unsigned long tva_flags, unsigned long orders)
{
	bool smaps = tva_flags & TVA_SMAPS, in_pf = tva_flags & TVA_IN_PF;

	if (!vma_is_anonymous(vma))
		return 0;
	orders &= THP_ORDERS_ALL_ANON;
	if (tva_flags & TVA_ENFORCE_SYSFS) {
		unsigned long mask = READ_ONCE(huge_anon_orders_always);

		if (vm_flags & VM_HUGEPAGE)
			mask |= READ_ONCE(huge_anon_orders_madvise);
		if (hugepage_global_always() ||
		    ((vm_flags & VM_HUGEPAGE) && hugepage_global_enabled()))
			mask |= READ_ONCE(huge_anon_orders_inherit);
		orders &= mask;
	}
	if (!orders || vma_thp_disabled(vma, vm_flags))
		return 0;
	if (!in_pf && !smaps && (vm_flags & VM_NO_KHUGEPAGED))
		return 0;
	/* a fault looks itself what fits around its address */
	while (!in_pf && orders) {
		int order = highest_order(orders);

		if (thp_vma_suitable_order(vma, vma->vm_end - (PAGE_SIZE << order), order))
			break;
		next_order(&orders, order);
	}
	if (!orders || vma_is_temporary_stack(vma))
		return 0;
	/* never written to: nothing to collapse, but it can become huge; a fault may set it now */
	if (!READ_ONCE(vma->anon_vma))
		return smaps || in_pf ? orders : 0;
	return orders;
}

/* How hard a fault in @vma tries to get a huge page, by "defrag". */
gfp_t vma_thp_gfp_mask(struct vm_area_struct *vma)
{
	unsigned long flags = READ_ONCE(transparent_hugepage_flags);
	const bool madvised = vma && (vma->vm_flags & VM_HUGEPAGE);

	if (flags & BIT(TRANSPARENT_HUGEPAGE_DEFRAG_DIRECT_FLAG))
		return GFP_TRANSHUGE | (madvised ? 0 : __GFP_NORETRY);
	if (flags & BIT(TRANSPARENT_HUGEPAGE_DEFRAG_KSWAPD_FLAG))
		return GFP_TRANSHUGE_LIGHT | __GFP_KSWAPD_RECLAIM;
	if (flags & BIT(TRANSPARENT_HUGEPAGE_DEFRAG_KSWAPD_OR_MADV_FLAG))
		return GFP_TRANSHUGE_LIGHT |
		       (madvised ? __GFP_DIRECT_RECLAIM : __GFP_KSWAPD_RECLAIM);
	if (flags & BIT(TRANSPARENT_HUGEPAGE_DEFRAG_REQ_MADV_FLAG))
		return GFP_TRANSHUGE_LIGHT | (madvised ? __GFP_DIRECT_RECLAIM : 0);
	return GFP_TRANSHUGE_LIGHT;
}

/* MADV_HUGEPAGE or MADV_NOHUGEPAGE: change *vm_flags, which the caller gives to @vma. */
int hugepage_madvise(struct vm_area_struct *vma, unsigned long *vm_flags, int advice)
{
	if (advice == MADV_HUGEPAGE) {
		*vm_flags = (*vm_flags & ~VM_NOHUGEPAGE) | VM_HUGEPAGE;
		khugepaged_enter_vma(vma, *vm_flags);
	} else {
		*vm_flags = (*vm_flags & ~VM_HUGEPAGE) | VM_NOHUGEPAGE;
	}
	return 0;
}

/**
 * struct choice - one word that a file accepts
 * @word:	the word
 * @flag:	bit of transparent_hugepage_flags, 0 for none of the file's bits
 */
struct choice {
	const char *word;
	unsigned int flag;
};

static const struct choice enabled_choices[] = {
	{ "always",	TRANSPARENT_HUGEPAGE_FLAG },
	{ "madvise",	TRANSPARENT_HUGEPAGE_REQ_MADV_FLAG },
	{ "never",	0 },
	{ }
};

static const struct choice defrag_choices[] = {
	{ "always",		TRANSPARENT_HUGEPAGE_DEFRAG_DIRECT_FLAG },
	{ "defer",		TRANSPARENT_HUGEPAGE_DEFRAG_KSWAPD_FLAG },
	{ "defer+madvise",	TRANSPARENT_HUGEPAGE_DEFRAG_KSWAPD_OR_MADV_FLAG },
	{ "madvise",		TRANSPARENT_HUGEPAGE_DEFRAG_REQ_MADV_FLAG },
	{ "never",		0 },
	{ }
};

/* All words, the one in force in brackets: the first whose bit is set, or the last. */
static ssize_t choice_show(const struct choice *c, char *buf)
{
	unsigned long flags = READ_ONCE(transparent_hugepage_flags);
	bool found = false;
	int len = 0;

	for (; c->word; c++) {
		bool now = !found && (!c->flag || (flags & BIT(c->flag)));

		found |= now;
		len += sysfs_emit_at(buf, len, now ? "[%s]" : "%s", c->word);
		len += sysfs_emit_at(buf, len, "%s", c[1].word ? " " : "\n");
	}
	return len;
}

/* False: no such word, nothing changed. */
static bool choice_set(const struct choice *choices, const char *buf)
{
	const struct choice *c, *chosen = choices;

	while (chosen->word && !sysfs_streq(buf, chosen->word))
		chosen++;
	if (!chosen->word)
		return false;
	for (c = choices; c->word; c++)
		if (c->flag && c != chosen)
			clear_bit(c->flag, &transparent_hugepage_flags);
	if (chosen->flag)
		set_bit(chosen->flag, &transparent_hugepage_flags);
	return true;
}

static ssize_t enabled_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return choice_show(enabled_choices, buf);
}

static ssize_t enabled_store(struct kobject *kobj, struct kobj_attribute *attr,
			     const char *buf, size_t count)
{
	int err;

	if (!choice_set(enabled_choices, buf))
		return -EINVAL;
	err = start_stop_khugepaged();
	return err ? err : count;
}

static ssize_t defrag_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return choice_show(defrag_choices, buf);
}

static ssize_t defrag_store(struct kobject *kobj, struct kobj_attribute *attr,
			    const char *buf, size_t count)
{
	return choice_set(defrag_choices, buf) ? count : -EINVAL;
}

static ssize_t use_zero_page_show(struct kobject *kobj, struct kobj_attribute *attr,
				  char *buf)
{
	return sysfs_emit(buf, "%d\n", !!transparent_hugepage_use_zero_page());
}

static ssize_t use_zero_page_store(struct kobject *kobj, struct kobj_attribute *attr,
				   const char *buf, size_t count)
{
	unsigned long value;
	int err = kstrtoul(buf, 10, &value);

	if (err)
		return err;
	if (value > 1)
		return -EINVAL;
	if (value)
		set_bit(TRANSPARENT_HUGEPAGE_USE_ZERO_PAGE_FLAG, &transparent_hugepage_flags);
	else
		clear_bit(TRANSPARENT_HUGEPAGE_USE_ZERO_PAGE_FLAG,
			  &transparent_hugepage_flags);
	return count;
}

static ssize_t hpage_pmd_size_show(struct kobject *kobj, struct kobj_attribute *attr,
				   char *buf)
{
	return sysfs_emit(buf, "%lu\n", HPAGE_PMD_SIZE);
}

static struct kobj_attribute enabled_attr = __ATTR_RW(enabled);
static struct kobj_attribute defrag_attr = __ATTR_RW(defrag);
static struct kobj_attribute use_zero_page_attr = __ATTR_RW(use_zero_page);
static struct kobj_attribute hpage_pmd_size_attr = __ATTR_RO(hpage_pmd_size);

static const struct attribute *const hugepage_attrs[] = {
	&enabled_attr.attr,
	&defrag_attr.attr,
	&use_zero_page_attr.attr,
	&hpage_pmd_size_attr.attr,
	NULL,
};

/* Policy of one size: the mask that has its bit, "never" if none has. */
static const struct {
	const char *word;
	unsigned long *orders;
} size_choices[] = {
	{ "always",	&huge_anon_orders_always },
	{ "inherit",	&huge_anon_orders_inherit },
	{ "madvise",	&huge_anon_orders_madvise },
	{ "never",	NULL },
};

struct thpsize {
	struct kobj_attribute enabled;
	int order;
};
static struct thpsize thpsizes[HPAGE_PMD_ORDER + 1];

static ssize_t size_enabled_show(struct kobject *kobj, struct kobj_attribute *attr,
				 char *buf)
{
	int order = container_of(attr, struct thpsize, enabled)->order, len = 0;
	bool found = false;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(size_choices); i++) {
		bool now = !found && (!size_choices[i].orders ||
				      test_bit(order, size_choices[i].orders));

		found |= now;
		len += sysfs_emit_at(buf, len, now ? "[%s]" : "%s", size_choices[i].word);
		len += sysfs_emit_at(buf, len, "%s", size_choices[i].orders ? " " : "\n");
	}
	return len;
}

static ssize_t size_enabled_store(struct kobject *kobj, struct kobj_attribute *attr,
				  const char *buf, size_t count)
{
	int order = container_of(attr, struct thpsize, enabled)->order, err;
	unsigned int i, chosen = 0;

	while (chosen < ARRAY_SIZE(size_choices) &&
	       !sysfs_streq(buf, size_choices[chosen].word))
		chosen++;
	if (chosen == ARRAY_SIZE(size_choices))
		return -EINVAL;
	spin_lock(&huge_anon_orders_lock);
	for (i = 0; i < ARRAY_SIZE(size_choices); i++)
		if (size_choices[i].orders)
			assign_bit(order, size_choices[i].orders, i == chosen);
	spin_unlock(&huge_anon_orders_lock);
	err = start_stop_khugepaged();
	return err ? err : count;
}

/* /sys/kernel/mm/transparent_hugepage/hugepages-<size>kB/enabled */
static int __init thpsize_create(int order, struct kobject *parent)
{
	static const struct kobj_attribute attr = __ATTR(enabled, 0644, size_enabled_show,
							 size_enabled_store);
	char name[32];
	struct kobject *kobj;

	snprintf(name, sizeof(name), "hugepages-%lukB", (PAGE_SIZE << order) / 1024);
	kobj = kobject_create_and_add(name, parent);
	if (!kobj)
		return -ENOMEM;
	thpsizes[order].enabled = attr;
	thpsizes[order].order = order;
	return sysfs_create_file(kobj, &thpsizes[order].enabled.attr);
}

/* Of khugepaged, when it is there. */
extern struct attribute_group khugepaged_attr_group __weak;

static int __init hugepage_init(void)
{
	struct kobject *kobj = kobject_create_and_add("transparent_hugepage", mm_kobj);
	int order, err;

	if (!kobj)
		return -ENOMEM;
	err = sysfs_create_files(kobj, hugepage_attrs);
	if (!err && &khugepaged_attr_group)
		err = sysfs_create_group(kobj, &khugepaged_attr_group);
	for (order = 2; !err && order <= HPAGE_PMD_ORDER; order++)
		err = thpsize_create(order, kobj);
	return err;
}
/* the kernel does it one level later; nothing is between the two here */
postcore_initcall(hugepage_init);

static int __init setup_transparent_hugepage(char *str)
{
	if (str && choice_set(enabled_choices, str))
		return 1;
	pr_warn("transparent_hugepage= cannot parse, ignored\n");
	return 0;
}
__setup("transparent_hugepage=", setup_transparent_hugepage);

/* What the kernel image was linked with; the boot parameter comes later. */
static int huge_policy_boot(const struct machine_config *cfg)
{
	transparent_hugepage_flags = FLAGS_AT_BOOT;
	huge_anon_orders_always = 0;
	huge_anon_orders_madvise = 0;
	huge_anon_orders_inherit = BIT(HPAGE_PMD_ORDER);
	return 0;
}
MACHINE_SUBSYS(huge_policy, MACHINE_ORDER_VM, huge_policy_boot, NULL, NULL);
