//! The newest readings, in the order in which they were committed, as far back as a client may be behind.

use std::collections::VecDeque;
use std::sync::Arc;

use super::piece::Piece;

#[derive(Debug)]
pub(super) struct Ring {
    pieces: VecDeque<Arc<Piece>>,
    /// The place of the first piece; places count up from the start of the program.
    first: u64,
    /// Readings in all pieces.
    readings: usize,
    limit: usize,
    newest: Option<Arc<Piece>>,
    listeners: usize,
    published: u64,
}

/// What is after a place.
#[derive(Debug)]
pub(super) enum Next {
    Piece(Arc<Piece>),
    /// Nothing yet.
    Nothing,
    /// It is no longer here.
    Gone,
}

/// Figures for `/metrics`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub clients: usize,
    /// Readings that were offered to clients.
    pub published: u64,
    /// Clients that were too slow or gone without a word.
    pub dropped: u64,
}

impl Ring {
    pub fn new(limit: usize, newest: Option<Arc<Piece>>) -> Self {
        Self { pieces: VecDeque::new(), first: 0, readings: 0, limit, newest, listeners: 0, published: 0 }
    }

    /// Takes what was committed. Says whether anybody listens.
    pub fn push(&mut self, pieces: Vec<Arc<Piece>>) -> bool {
        if let Some(newest) = pieces.last() {
            self.newest = Some(Arc::clone(newest));
        }
        if self.listeners == 0 {
            return false;
        }
        for piece in pieces {
            self.readings += piece.readings();
            self.published += piece.readings() as u64;
            self.pieces.push_back(piece);
        }
        while self.readings > self.limit
            && let Some(oldest) = self.pieces.pop_front()
        {
            self.readings -= oldest.readings();
            self.first += 1;
        }
        true
    }

    /// A new client: its place, and the piece with the newest reading.
    pub fn join(&mut self) -> (u64, Option<Arc<Piece>>) {
        self.listeners += 1;
        (self.end(), self.newest.clone())
    }

    pub fn leave(&mut self) {
        self.listeners -= 1;
        if self.listeners == 0 {
            self.first = self.end();
            self.readings = 0;
            self.pieces = VecDeque::new();
        }
    }

    pub fn next(&self, place: u64) -> Next {
        let Some(index) = place.checked_sub(self.first) else { return Next::Gone };
        let piece = usize::try_from(index).ok().and_then(|index| self.pieces.get(index));
        piece.map_or(Next::Nothing, |piece| Next::Piece(Arc::clone(piece)))
    }

    pub fn figures(&self) -> Figures {
        Figures { clients: self.listeners, published: self.published, dropped: 0 }
    }

    fn end(&self) -> u64 {
        self.first + self.pieces.len() as u64
    }
}
