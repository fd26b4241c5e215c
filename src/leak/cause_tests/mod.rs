//! Causes from dumps and sources: one file for each kind of mistake.

mod another;
mod at_hand;
mod end;
mod ending;
mod exit;
mod flag;
mod full;
mod given_up;
mod gone;
pub(super) mod kind;
mod knot;
mod known;
mod late;
mod led;
mod left;
mod missed;
mod own_end;
mod own_lock;
mod path;
mod pipe;
mod scope;
mod shapes;
mod too_late;
mod turn;
mod unclosed;
mod unreached;
mod unsent;
