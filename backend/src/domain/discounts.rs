//! Discounts: how much each role may give, and what somebody who may give more has allowed.

use serde::{Deserialize, Serialize};
use tillwatch_shared::api::{Approval, DiscountLimits, Event, NewSale, Role};
use tillwatch_shared::discount::Percent;
use tillwatch_shared::limits::AMOUNT_CENTS;
use tillwatch_shared::{Cents, SaleId, StoreId};

use super::access::{Caller, Workplace};
use super::rejection::{ApplyError, Noun, Rejection};
use super::{Applied, Context, access, check, rows, stores, tills};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetDiscountLimits {
    pub store_id: StoreId,
    pub limits: DiscountLimits,
}

/// The actor has proved who they are and allows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApproveDiscount {
    pub store_id: StoreId,
    pub sale_id: SaleId,
    /// All discounts of the sale together are at most this.
    pub limit_cents: Cents,
    /// What the sale would cost without them.
    pub undiscounted_cents: Cents,
}

impl SetDiscountLimits {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        let DiscountLimits { seller, manager, admin } = self.limits;
        check::range("seller", seller.0, 0, manager.0.min(Percent::ALL.0))?;
        check::range("manager", manager.0, 0, admin.0.min(Percent::ALL.0))?;
        check::range("admin", admin.0, 0, Percent::ALL.0)
    }
}

impl ApproveDiscount {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        check::range("undiscounted_cents", self.undiscounted_cents.0, 1, AMOUNT_CENTS)?;
        check::range("limit_cents", self.limit_cents.0, 1, self.undiscounted_cents.0)
    }
}

/// Managers decide about sellers, and only admins about managers: nobody raises what they may give themselves.
pub(super) fn set_limits(cx: &Context<'_>, p: &SetDiscountLimits) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Manager)?;
    let store = access::workplace(cx, &caller, p.store_id)?;
    let before = limits(cx, &store)?;
    let above_caller = (p.limits.manager, p.limits.admin) != (before.manager, before.admin);
    if caller.role < Role::Admin && above_caller {
        return Err(Rejection::RoleNotAllowed.into());
    }
    rows::run(
        cx.db,
        "UPDATE store SET seller_discount = ?2, manager_discount = ?3, admin_discount = ?4 WHERE id = ?1",
        (store.key, p.limits.seller.0, p.limits.manager.0, p.limits.admin.0),
    )?;
    Ok(Applied { event: Event::StoreChanged(stores::load(cx.db, store.key)?), store: Some(store.id) })
}

/// Notes that the actor allows discounts of a sale that is still to be recorded. Whether their role may is
/// looked at now, so that the till hears it, and once more when the sale comes.
pub(super) fn approve(cx: &Context<'_>, p: &ApproveDiscount) -> Result<Applied, ApplyError> {
    let caller = access::caller(cx, Role::Seller)?;
    let store = access::workplace(cx, &caller, p.store_id)?;
    let allowed = limits(cx, &store)?.allows(caller.role, p.undiscounted_cents);
    if p.limit_cents > allowed {
        return Err(Rejection::ApproverNotAllowed { limit_cents: allowed.0 }.into());
    }
    rows::run(
        cx.db,
        "INSERT INTO approval (sale, store, person, limit_cents, seq) VALUES (?1, ?2, ?3, ?4, ?5)",
        (p.sale_id.0.as_bytes().as_slice(), store.key, caller.key, p.limit_cents.0, cx.seq),
    )?;
    let approval = Approval {
        sale_id: p.sale_id,
        store_id: store.id,
        person_id: caller.id,
        person_name: caller.name,
        limit_cents: p.limit_cents,
        approved_at: cx.command.server_at,
    };
    Ok(Applied { event: Event::DiscountApproved(approval), store: Some(store.id) })
}

/// Who has allowed the discounts of a sale, if they are more than the seller may give. Their word is what they
/// said to the server, or while that was away to a till that may speak for them.
pub(super) fn approver(
    cx: &Context<'_>,
    sale: &NewSale,
    seller: &Caller,
    store: &Workplace,
) -> Result<Option<Caller>, ApplyError> {
    let discounts = sale.discounts();
    if discounts == Cents::ZERO {
        return Ok(None);
    }
    let (limits, undiscounted) = (limits(cx, store)?, sale.undiscounted());
    let own = limits.allows(seller.role, undiscounted);
    if discounts <= own {
        return Ok(None);
    }
    let named = sale.approved_by.ok_or(Rejection::DiscountNotAllowed { limit_cents: own.0 })?;
    let person = access::person(cx.db, named)?;
    let person = person.ok_or(Rejection::Unknown(Noun::Person))?;
    if !access::works_in(cx.db, &person, store.key)? {
        return Err(Rejection::ApproverNotAllowed { limit_cents: 0 }.into());
    }
    let theirs = limits.allows(person.role, undiscounted);
    if discounts > theirs {
        return Err(Rejection::ApproverNotAllowed { limit_cents: theirs.0 }.into());
    }
    if !has_approved(cx, &person, store, discounts)? && !tills::vouches_for(cx, &person)? {
        return Err(Rejection::ApprovalMissing.into());
    }
    Ok(Some(person))
}

/// Whether this person has allowed so much of this very sale.
fn has_approved(
    cx: &Context<'_>,
    person: &Caller,
    store: &Workplace,
    discounts: Cents,
) -> rusqlite::Result<bool> {
    let found = rows::one(
        cx.db,
        "SELECT 1 FROM approval WHERE sale = ?1 AND person = ?2 AND store = ?3 AND limit_cents >= ?4 LIMIT 1",
        (cx.command.id.0.as_bytes().as_slice(), person.key, store.key, discounts.0),
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

fn limits(cx: &Context<'_>, store: &Workplace) -> Result<DiscountLimits, ApplyError> {
    Ok(stores::load(cx.db, store.key)?.discount_limits)
}
