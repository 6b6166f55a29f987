//! The table's part about goods that do not come back.

use actix_web::http::StatusCode as S;
use tillwatch_shared::Cents;

use super::row::{Row, row};
use crate::domain::rejection::NotReturned;

pub fn row_of(why: &NotReturned) -> Row {
    match why {
        NotReturned::TooMuch { field, left } => row(S::CONFLICT, "returned_already")
            .pt("Isto já foi devolvido", "Confira as devoluções da venda e devolva só o que resta.")
            .en("This has come back already", "Look at the sale's returns, and return only what is left.")
            .detail(format!("Resta {left} para devolver."), format!("{left} is left to return."))
            .field(field.clone()),
        NotReturned::BeganAlready => row(S::CONFLICT, "return_began")
            .pt("Parte da venda já foi devolvida", "Devolva o que resta em vez de cancelar a venda.")
            .en(
                "A part of the sale has come back already",
                "Return what is left instead of cancelling the sale.",
            ),
        NotReturned::VoidTooLate => row(S::CONFLICT, "void_too_late")
            .pt("Uma venda só é cancelada no mesmo dia", "Faça uma devolução.")
            .en("A sale is cancelled on its own day only", "Make a return."),
        NotReturned::NeedsManager => row(S::FORBIDDEN, "return_needs_manager")
            .pt("A venda é de outro dia", "Peça a um gerente que faça a devolução, ou que a autorize.")
            .en("The sale is of another day", "Ask a manager to make the return, or to allow it."),
        NotReturned::ApproverNotAllowed => row(S::FORBIDDEN, "return_approver_not_allowed")
            .pt("Quem aprova não pode autorizar esta devolução", "Peça a um gerente desta loja.")
            .en("The approver may not allow this return", "Ask a manager of this store."),
        NotReturned::TotalMismatch { expected_cents } => row(S::BAD_REQUEST, "total_mismatch")
            .pt("O valor não é o que foi pago", "Devolva o valor indicado.")
            .en("The amount is not what was paid", "Give back the amount that is named.")
            .detail(
                format!("Foram pagos {}.", Cents(*expected_cents)),
                format!("{} was paid.", Cents(*expected_cents)),
            )
            .field("total_cents"),
        NotReturned::RefundMismatch { total_cents } => row(S::BAD_REQUEST, "refund_mismatch")
            .pt("O reembolso não é o total devolvido", "Reembolse exatamente o total.")
            .en("The refunds are not the total", "Refund exactly the total.")
            .detail(
                format!("O total é {}.", Cents(*total_cents)),
                format!("The total is {}.", Cents(*total_cents)),
            )
            .field("refunds"),
    }
}
