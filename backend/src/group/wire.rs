//! What members say to each other, and the engine's view of it. How it travels is the business of who implements
//! [`Wire`].

use std::fmt::Debug;
use std::future::Future;

use openraft::error::{
    Fatal, NetworkError, RPCError, RaftError, RemoteError, ReplicationClosed, StreamingError, Unreachable,
};
use openraft::network::{RPCOption, RaftNetwork, RaftNetworkFactory};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, VoteRequest, VoteResponse,
};
use openraft::{AnyError, Snapshot, Vote};

use serde::{Deserialize, Serialize};

use super::types::{Member, MemberId, Portion, Types};

/// Why nothing was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// It was not sent.
    #[error("the member cannot be reached")]
    Unreachable,
    /// It was sent, and may have arrived.
    #[error("the member did not answer")]
    Unanswered,
}

/// Why the asked member put nothing into the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum NotTaken {
    #[error("this member does not coordinate")]
    NotCoordinator,
    #[error("this member is out of order")]
    Broken,
}

/// The engine's own answer, or none.
pub type Heard<T> = Result<Result<T, RaftError<MemberId>>, Lost>;

/// The way to the other members.
pub trait Wire: Clone + Debug + Send + Sync + 'static {
    fn append(
        &self,
        to: MemberId,
        member: &Member,
        request: AppendEntriesRequest<Types>,
    ) -> impl Future<Output = Heard<AppendEntriesResponse<MemberId>>> + Send;

    fn vote(
        &self,
        to: MemberId,
        member: &Member,
        request: VoteRequest<MemberId>,
    ) -> impl Future<Output = Heard<VoteResponse<MemberId>>> + Send;

    /// Sends a copy of the ledger, and waits until it is in place.
    fn snapshot(
        &self,
        to: MemberId,
        member: &Member,
        vote: Vote<MemberId>,
        snapshot: Snapshot<Types>,
    ) -> impl Future<Output = Result<Result<SnapshotResponse<MemberId>, Fatal<MemberId>>, Lost>> + Send;

    /// Asks who coordinates in this term to put commands into the log. Once it is taken it will be applied, here too.
    fn propose(
        &self,
        to: MemberId,
        member: &Member,
        term: u64,
        portion: Portion,
    ) -> impl Future<Output = Result<Result<(), NotTaken>, Lost>> + Send;
}

/// One member, as the engine sends to it.
#[derive(Debug)]
pub struct Line<W> {
    wire: W,
    to: MemberId,
    member: Member,
}

/// Makes the lines.
#[derive(Debug)]
pub struct Lines<W>(pub W);

impl<W: Wire> RaftNetworkFactory<Types> for Lines<W> {
    type Network = Line<W>;

    async fn new_client(&mut self, to: MemberId, member: &Member) -> Line<W> {
        Line { wire: self.0.clone(), to, member: member.clone() }
    }
}

type Answer<T> = Result<T, RPCError<MemberId, Member, RaftError<MemberId>>>;

impl<W> Line<W> {
    #[expect(clippy::result_large_err, reason = "it is the engine's own type")]
    fn answer<T>(&self, heard: Heard<T>) -> Answer<T> {
        match heard {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(RemoteError::new(self.to, error).into()),
            Err(lost @ Lost::Unreachable) => Err(Unreachable::new(&lost).into()),
            Err(lost @ Lost::Unanswered) => Err(NetworkError::new(&lost).into()),
        }
    }
}

impl<W: Wire> RaftNetwork<Types> for Line<W> {
    async fn append_entries(
        &mut self,
        request: AppendEntriesRequest<Types>,
        _: RPCOption,
    ) -> Answer<AppendEntriesResponse<MemberId>> {
        let heard = self.wire.append(self.to, &self.member, request).await;
        self.answer(heard)
    }

    async fn vote(&mut self, request: VoteRequest<MemberId>, _: RPCOption) -> Answer<VoteResponse<MemberId>> {
        let heard = self.wire.vote(self.to, &self.member, request).await;
        self.answer(heard)
    }

    async fn full_snapshot(
        &mut self,
        vote: Vote<MemberId>,
        snapshot: Snapshot<Types>,
        stop: impl Future<Output = ReplicationClosed> + Send + 'static,
        _: RPCOption,
    ) -> Result<SnapshotResponse<MemberId>, StreamingError<Types, Fatal<MemberId>>> {
        let sent = self.wire.snapshot(self.to, &self.member, vote, snapshot);
        tokio::select! {
            biased;
            closed = stop => Err(StreamingError::Closed(closed)),
            heard = sent => match heard {
                Ok(Ok(answer)) => Ok(answer),
                Ok(Err(error)) => Err(RemoteError::new(self.to, error).into()),
                Err(lost @ Lost::Unreachable) => Err(Unreachable::new(&lost).into()),
                Err(lost @ Lost::Unanswered) => Err(NetworkError::new(&AnyError::new(&lost)).into()),
            },
        }
    }
}
