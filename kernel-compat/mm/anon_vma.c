// SPDX-License-Identifier: GPL-2.0
/*
 * anon_vmas: which VMAs may map an anonymous folio.
 *
 * A VMA gets an anon_vma of its own at its first anonymous page.  fork links the
 * child's VMA to all anon_vmas of the parent's, because the child inherits pages
 * that belong to any of them, and gives the child one more for the pages it will
 * make itself.  All that descend from one ancestor share the lock of that root.
 *
 * Freed memory of this cache stays an anon_vma for readers under RCU; they take a
 * reference that fails at zero, or the lock, and look again whether the folio is
 * still mapped.
 */
#include <linux/mm.h>
#include <linux/rmap.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <machine/machine.h>

static struct kmem_cache *anon_vma_cachep;
static struct kmem_cache *anon_vma_chain_cachep;

static void anon_vma_ctor(void *data)
{
	struct anon_vma *anon_vma = data;

	init_rwsem(&anon_vma->rwsem);
	atomic_set(&anon_vma->refcount, 0);
	anon_vma->rb_root = RB_ROOT_CACHED;
}

/* A root of its own with one reference for its VMAs; NULL if out of memory. */
static struct anon_vma *anon_vma_alloc(void)
{
	struct anon_vma *anon_vma = kmem_cache_alloc(anon_vma_cachep, GFP_KERNEL);

	if (!anon_vma)
		return NULL;
	anon_vma->num_children = 0;
	anon_vma->num_active_vmas = 0;
	anon_vma->parent = anon_vma;
	/* readers that still hold the previous life's pointer look at root */
	WRITE_ONCE(anon_vma->root, anon_vma);
	atomic_set(&anon_vma->refcount, 1);
	return anon_vma;
}

/*
 * A reader in folio_lock_anon_vma_read() may hold the lock without a reference; let
 * it leave before the memory becomes another anon_vma.
 */
static void anon_vma_free(struct anon_vma *anon_vma)
{
	VM_BUG_ON(atomic_read(&anon_vma->refcount));
	might_sleep();
	if (rwsem_is_locked(&anon_vma->root->rwsem)) {
		anon_vma_lock_write(anon_vma);
		anon_vma_unlock_write(anon_vma);
	}
	kmem_cache_free(anon_vma_cachep, anon_vma);
}

void __put_anon_vma(struct anon_vma *anon_vma)
{
	struct anon_vma *root = anon_vma->root;

	anon_vma_free(anon_vma);
	if (root != anon_vma && atomic_dec_and_test(&root->refcount))
		anon_vma_free(root);
}

static struct anon_vma_chain *anon_vma_chain_alloc(gfp_t gfp)
{
	return kmem_cache_alloc(anon_vma_chain_cachep, gfp);
}

static void anon_vma_chain_free(struct anon_vma_chain *avc)
{
	kmem_cache_free(anon_vma_chain_cachep, avc);
}

/* Tie @vma to @anon_vma through @avc. The root's lock is held for writing. */
static void anon_vma_chain_link(struct vm_area_struct *vma,
				struct anon_vma_chain *avc,
				struct anon_vma *anon_vma)
{
	avc->vma = vma;
	avc->anon_vma = anon_vma;
	list_add(&avc->same_vma, &vma->anon_vma_chain);
	anon_vma_interval_tree_insert(avc, &anon_vma->rb_root);
}

/**
 * __anon_vma_prepare() - give @vma an anon_vma
 * @vma:	a VMA whose first anonymous page is about to be mapped
 *
 * Several faults may do this at once under mmap_lock held for reading; the first
 * wins.  model: an adjacent VMA's anon_vma is not reused, so VMAs that faulted
 * before they became mergeable stay apart.
 *
 * Return: 0 or -ENOMEM. Context: may sleep, mmap_lock held.
 */
int __anon_vma_prepare(struct vm_area_struct *vma)
{
	struct mm_struct *mm = vma->vm_mm;
	struct anon_vma *anon_vma;
	struct anon_vma_chain *avc;

	mmap_assert_locked(mm);
	might_sleep();

	avc = anon_vma_chain_alloc(GFP_KERNEL);
	if (!avc)
		return -ENOMEM;
	anon_vma = anon_vma_alloc();
	if (!anon_vma) {
		anon_vma_chain_free(avc);
		return -ENOMEM;
	}
	anon_vma->num_children++;	/* a root is its own parent */

	anon_vma_lock_write(anon_vma);
	/* page_table_lock decides between threads of this mm */
	spin_lock(&mm->page_table_lock);
	if (likely(!vma->anon_vma)) {
		anon_vma_chain_link(vma, avc, anon_vma);
		anon_vma->num_active_vmas++;
		/* pairs with the acquire in anon_vma_prepare() */
		smp_store_release(&vma->anon_vma, anon_vma);
		avc = NULL;
	}
	spin_unlock(&mm->page_table_lock);
	anon_vma_unlock_write(anon_vma);

	if (unlikely(avc)) {
		put_anon_vma(anon_vma);
		anon_vma_chain_free(avc);
	}
	return 0;
}

/* Hold the lock of @anon_vma's root, of which @root is held already or NULL. */
static struct anon_vma *lock_anon_vma_root(struct anon_vma *root,
					   struct anon_vma *anon_vma)
{
	struct anon_vma *new_root = anon_vma->root;

	if (new_root != root) {
		if (WARN_ON_ONCE(root))
			up_write(&root->rwsem);
		root = new_root;
		down_write(&root->rwsem);
	}
	return root;
}

static void unlock_anon_vma_root(struct anon_vma *root)
{
	if (root)
		up_write(&root->rwsem);
}

/**
 * anon_vma_clone() - link @dst to every anon_vma that @src is linked to
 * @dst:	new VMA with an empty chain
 * @src:	its model: the VMA being split or copied, or the parent's in fork
 *
 * If @dst has no anon_vma yet and one of them has neither VMAs of its own nor more
 * than one child, @dst takes it over: so repeated fork and exit of the parent cannot
 * grow the tree without bound.
 *
 * Return: 0, or -ENOMEM with @dst unlinked again. Context: mmap_lock for writing.
 */
int anon_vma_clone(struct vm_area_struct *dst, struct vm_area_struct *src)
{
	struct anon_vma_chain *avc, *pavc;
	struct anon_vma *root = NULL, *anon_vma;

	list_for_each_entry_reverse(pavc, &src->anon_vma_chain, same_vma) {
		avc = anon_vma_chain_alloc(GFP_NOWAIT | __GFP_NOWARN);
		if (unlikely(!avc)) {
			unlock_anon_vma_root(root);
			root = NULL;
			avc = anon_vma_chain_alloc(GFP_KERNEL);
			if (!avc)
				goto enomem;
		}
		anon_vma = pavc->anon_vma;
		root = lock_anon_vma_root(root, anon_vma);
		anon_vma_chain_link(dst, avc, anon_vma);

		if (!dst->anon_vma && src->anon_vma && anon_vma->num_children < 2 &&
		    anon_vma->num_active_vmas == 0)
			dst->anon_vma = anon_vma;
	}
	if (dst->anon_vma)
		dst->anon_vma->num_active_vmas++;
	unlock_anon_vma_root(root);
	return 0;

enomem:
	/* num_active_vmas was not raised yet, unlink_anon_vmas() must not lower it */
	dst->anon_vma = NULL;
	unlink_anon_vmas(dst);
	return -ENOMEM;
}

/* One more anon_vma for the pages that the child's @vma will make itself. */
static int anon_vma_branch(struct vm_area_struct *vma, struct anon_vma *parent)
{
	struct anon_vma *anon_vma = anon_vma_alloc();
	struct anon_vma_chain *avc;

	if (!anon_vma)
		return -ENOMEM;
	avc = anon_vma_chain_alloc(GFP_KERNEL);
	if (!avc) {
		put_anon_vma(anon_vma);
		return -ENOMEM;
	}
	anon_vma->num_active_vmas++;
	WRITE_ONCE(anon_vma->root, parent->root);
	anon_vma->parent = parent;
	get_anon_vma(anon_vma->root);
	vma->anon_vma = anon_vma;
	anon_vma_lock_write(anon_vma);
	anon_vma_chain_link(vma, avc, anon_vma);
	anon_vma->parent->num_children++;
	anon_vma_unlock_write(anon_vma);
	return 0;
}

/**
 * anon_vma_fork() - anon_vmas of a child's VMA
 * @vma:	the child's, with an empty chain
 * @pvma:	the parent's
 *
 * Return: 0 or -ENOMEM. Context: both mmap_locks held for writing.
 */
int anon_vma_fork(struct vm_area_struct *vma, struct vm_area_struct *pvma)
{
	int err;

	if (!pvma->anon_vma)
		return 0;
	vma->anon_vma = NULL;
	err = anon_vma_clone(vma, pvma);
	if (err)
		return err;
	if (vma->anon_vma)
		return 0;
	err = anon_vma_branch(vma, pvma->anon_vma);
	if (err)
		unlink_anon_vmas(vma);
	return err;
}

/* Free what the locked pass of unlink_anon_vmas() left: empty anon_vmas. */
static void unlink_empty_anon_vmas(struct vm_area_struct *vma)
{
	struct anon_vma_chain *avc, *next;

	list_for_each_entry_safe(avc, next, &vma->anon_vma_chain, same_vma) {
		VM_WARN_ON(avc->anon_vma->num_children);
		VM_WARN_ON(avc->anon_vma->num_active_vmas);
		put_anon_vma(avc->anon_vma);
		list_del(&avc->same_vma);
		anon_vma_chain_free(avc);
	}
}

/**
 * unlink_anon_vmas() - undo all links of a VMA that goes away
 * @vma:	the VMA; its pages are unmapped
 *
 * Context: may sleep; mmap_lock for writing, or the mm has no users left.
 */
void unlink_anon_vmas(struct vm_area_struct *vma)
{
	struct anon_vma_chain *avc, *next;
	struct anon_vma *root = NULL;

	/* order of list_add(): from the newest, so that children come before parents */
	list_for_each_entry_safe(avc, next, &vma->anon_vma_chain, same_vma) {
		struct anon_vma *anon_vma = avc->anon_vma;

		root = lock_anon_vma_root(root, anon_vma);
		anon_vma_interval_tree_remove(avc, &anon_vma->rb_root);
		/* leave empty ones on the list: freeing them needs the lock dropped */
		if (RB_EMPTY_ROOT(&anon_vma->rb_root.rb_root)) {
			anon_vma->parent->num_children--;
			continue;
		}
		list_del(&avc->same_vma);
		anon_vma_chain_free(avc);
	}
	if (vma->anon_vma) {
		vma->anon_vma->num_active_vmas--;
		vma->anon_vma = NULL;
	}
	unlock_anon_vma_root(root);
	unlink_empty_anon_vmas(vma);
}

/* The anon_vma in folio->mapping, without any promise; NULL if not anonymous. */
struct anon_vma *folio_anon_vma(struct folio *folio)
{
	unsigned long mapping = (unsigned long)READ_ONCE(folio->mapping);

	if ((mapping & PAGE_MAPPING_FLAGS) != PAGE_MAPPING_ANON)
		return NULL;
	return (struct anon_vma *)(mapping - PAGE_MAPPING_ANON);
}

/**
 * folio_get_anon_vma() - reference the anon_vma of a mapped anonymous folio
 * @folio:	folio the caller has a reference on
 *
 * Return: an anon_vma to be dropped with put_anon_vma(), or NULL when the folio is not
 * mapped any more.
 */
struct anon_vma *folio_get_anon_vma(struct folio *folio)
{
	struct anon_vma *anon_vma;

	rcu_read_lock();
	anon_vma = folio_anon_vma(folio);
	if (!anon_vma || !folio_mapped(folio))
		anon_vma = NULL;
	else if (!atomic_inc_not_zero(&anon_vma->refcount))
		anon_vma = NULL;
	/*
	 * Still mapped after the reference: then it is this folio's anon_vma, for the
	 * mapping keeps it alive and the reference keeps it from turning into another.
	 */
	if (anon_vma && !folio_mapped(folio)) {
		rcu_read_unlock();
		put_anon_vma(anon_vma);
		return NULL;
	}
	rcu_read_unlock();
	return anon_vma;
}

/* The part of folio_lock_anon_vma_read() that has to sleep; inside RCU on entry. */
static struct anon_vma *lock_read_slow(struct folio *folio, struct anon_vma *anon_vma)
{
	if (!atomic_inc_not_zero(&anon_vma->refcount)) {
		rcu_read_unlock();
		return NULL;
	}
	if (!folio_mapped(folio)) {
		rcu_read_unlock();
		put_anon_vma(anon_vma);
		return NULL;
	}
	rcu_read_unlock();
	anon_vma_lock_read(anon_vma);
	if (atomic_dec_and_test(&anon_vma->refcount)) {
		/* all VMAs left meanwhile: nothing to find, and ours is the last reference */
		anon_vma_unlock_read(anon_vma);
		__put_anon_vma(anon_vma);
		return NULL;
	}
	return anon_vma;
}

/**
 * folio_lock_anon_vma_read() - lock the anon_vma of a mapped anonymous folio
 * @folio:	folio the caller has a reference on
 * @rwc:	may be NULL; with @rwc->try_lock gives up (@rwc->contended) when it would
 *		have to wait
 *
 * Return: the anon_vma, to be released with anon_vma_unlock_read(), or NULL.
 */
struct anon_vma *folio_lock_anon_vma_read(struct folio *folio,
					  struct rmap_walk_control *rwc)
{
	struct anon_vma *anon_vma, *root;

retry:
	rcu_read_lock();
	anon_vma = folio_anon_vma(folio);
	if (!anon_vma || !folio_mapped(folio)) {
		rcu_read_unlock();
		return NULL;
	}
	root = READ_ONCE(anon_vma->root);
	if (down_read_trylock(&root->rwsem)) {
		if (unlikely(folio_anon_vma(folio) != anon_vma)) {
			/* moved to another anon_vma: folio_move_anon_rmap() */
			up_read(&root->rwsem);
			rcu_read_unlock();
			goto retry;
		}
		if (!folio_mapped(folio)) {
			up_read(&root->rwsem);
			anon_vma = NULL;
		}
		rcu_read_unlock();
		return anon_vma;
	}
	if (rwc && rwc->try_lock) {
		rwc->contended = true;
		rcu_read_unlock();
		return NULL;
	}
	anon_vma = lock_read_slow(folio, anon_vma);
	if (anon_vma && unlikely(folio_anon_vma(folio) != anon_vma)) {
		anon_vma_unlock_read(anon_vma);
		goto retry;
	}
	return anon_vma;
}

static int anon_vma_boot(const struct machine_config *cfg)
{
	anon_vma_cachep = kmem_cache_create("anon_vma", sizeof(struct anon_vma), 0,
					    SLAB_TYPESAFE_BY_RCU | SLAB_PANIC,
					    anon_vma_ctor);
	anon_vma_chain_cachep = kmem_cache_create("anon_vma_chain",
						  sizeof(struct anon_vma_chain), 0,
						  SLAB_PANIC, NULL);
	return anon_vma_cachep && anon_vma_chain_cachep ? 0 : -ENOMEM;
}

static void anon_vma_stop(void)
{
	kmem_cache_destroy(anon_vma_chain_cachep);
	kmem_cache_destroy(anon_vma_cachep);
}

MACHINE_SUBSYS(anon_vma, MACHINE_ORDER_VM, anon_vma_boot, anon_vma_stop, NULL);
