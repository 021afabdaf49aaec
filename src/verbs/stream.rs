//! The stream: each file of an image, one after the other, none before it was found to be what its digest says.
//!
//! All cores verify ahead while the files go out, so that this costs hardly more time than a copy. A file that is
//! rotten is made anew before the stream goes on: it is known which bytes come next.

use anyhow::{Result, ensure};
use camino::Utf8Path;

use crate::host::threads;
use crate::verbs::made::Made;
use crate::verbs::pieces::Piece;
use crate::verbs::subject::Subject;

/// Makes the image and gives `out` each of its pieces that is `wanted`, in the order of their names, with the file where
/// it is.
pub(super) fn each(
    subject: &Subject,
    wanted: impl Fn(&Piece) -> bool,
    out: &mut impl FnMut(&Piece, &Utf8Path) -> Result<()>,
) -> Result<()> {
    let made = subject.make()?;
    let pieces: Vec<&Piece> = made.pieces.iter().filter(|piece| wanted(piece)).collect();
    if made.verified {
        return pieces
            .iter()
            .try_for_each(|piece| out(piece, &made.path(piece)));
    }
    let mut again: Option<Made> = None;
    threads::ahead(
        pieces.len(),
        |number| made.is_sound(pieces[number], subject.interrupt()),
        |number, sound: bool| {
            let piece = pieces[number];
            subject.interrupt().check()?;
            if !sound && again.is_none() {
                let remade = subject.make_again(&made, piece)?;
                ensure!(
                    remade.pieces == made.pieces,
                    "what was made anew differs from what was made before"
                );
                again = Some(remade);
            }
            out(piece, &again.as_ref().unwrap_or(&made).path(piece))
        },
    )
}
