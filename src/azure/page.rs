//! Answers as facts: whole lists, page by page, and kept in the journal.

use reqwest::Url;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashSet;

use super::client::{Ask, Budget, Client};
use super::failure::Failure;
use super::journal::Entry;
use super::retry::Nature;
use crate::inventory::Reason;

/// A list with more pages than this has no end.
const MOST_PAGES: usize = 20_000;

/// A list, as far as it could be read.
#[derive(Debug)]
pub(super) struct Listing<F> {
    /// The facts of the pages that were read.
    pub facts: Vec<F>,
    /// Why there are no more.
    pub failure: Option<Failure>,
}

/// A page of a list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<R> {
    value: Vec<R>,
    next_link: Option<String>,
}

impl Client {
    /// The facts of one answer.
    ///
    /// # Errors
    /// When there is none.
    pub(super) async fn one<R, F>(
        &self,
        ask: &Ask,
        budget: &Budget,
        fact: impl FnOnce(R) -> F,
    ) -> Result<F, Failure>
    where
        R: DeserializeOwned,
        F: Serialize + DeserializeOwned,
    {
        let (fact, _) = self
            .kept(&ask.name(), ask, budget, |answer| (fact(answer), None))
            .await?;
        Ok(fact)
    }

    /// The facts of a list with all its pages; `fact` may pass over an entry.
    pub(super) async fn list<R, F>(
        &self,
        ask: Ask,
        budget: &Budget,
        mut fact: impl FnMut(R) -> Option<F>,
    ) -> Listing<F>
    where
        R: DeserializeOwned,
        F: Serialize + DeserializeOwned,
    {
        let mut facts: Vec<F> = Vec::new();
        let failure = self
            .pages(
                &ask.name(),
                ask,
                budget,
                |entries: Vec<R>| entries.into_iter().filter_map(&mut fact).collect::<Vec<F>>(),
                |page| facts.extend(page),
            )
            .await;
        Listing { facts, failure }
    }

    /// Goes through the pages of a list: `facts` makes of a page what is kept,
    /// `take` takes it in. Answers why not all of them were read.
    ///
    /// `name` stands for the list in the journal: the address of the first page
    /// may be another one in a resumed sweep.
    pub(super) async fn pages<R, F>(
        &self,
        name: &str,
        mut ask: Ask,
        budget: &Budget,
        mut facts: impl FnMut(Vec<R>) -> F,
        mut take: impl FnMut(F),
    ) -> Option<Failure>
    where
        R: DeserializeOwned,
        F: Serialize + DeserializeOwned,
    {
        let mut name = name.to_owned();
        let mut seen = HashSet::from([ask.url.to_string()]);
        let mut last_page = None;
        loop {
            let page = self.kept(&name, &ask, budget, |page: Page<R>| {
                let next = page.next_link.filter(|next| !next.is_empty());
                (facts(page.value), next)
            });
            let (page, next) = match page.await {
                Ok(page) => page,
                Err(failure) => return Some(failure),
            };
            let digest = digest(&page);
            // At times the service sends one twice.
            if last_page.replace(digest) != Some(digest) {
                take(page);
            }
            let next = match self.follow(&next?) {
                Ok(next) => next,
                Err(failure) => return Some(failure),
            };
            if !seen.insert(next.to_string()) || seen.len() > MOST_PAGES {
                let words = "the pages of this list have no end";
                return Some(Failure::new(Reason::BadAnswer, words));
            }
            ask.url = next;
            name = ask.name();
        }
    }

    /// From the journal, or asked for and kept there.
    pub(super) async fn kept<R, F>(
        &self,
        name: &str,
        ask: &Ask,
        budget: &Budget,
        read: impl FnOnce(R) -> (F, Option<String>),
    ) -> Result<(F, Option<String>), Failure>
    where
        R: DeserializeOwned,
        F: Serialize + DeserializeOwned,
    {
        let journal = self.journal.as_ref();
        match journal.and_then(|journal| journal.find(name)) {
            Some(Entry::Read(facts, next)) => return Ok((facts, next)),
            Some(Entry::Failed(failure)) => return Err(failure),
            None => {}
        }
        let entry = match self.answer(ask, budget).await {
            Ok(answer) => {
                let (facts, next) = read(answer);
                Entry::Read(facts, next)
            }
            Err(failure) if failure.passing || ask.nature == Nature::Vital => {
                return Err(failure);
            }
            Err(failure) => Entry::Failed(failure),
        };
        if let Some(journal) = journal {
            journal.keep(name, &entry);
        }
        match entry {
            Entry::Read(facts, next) => Ok((facts, next)),
            Entry::Failed(failure) => Err(failure),
        }
    }

    /// What was decided when the sweep began, and holds when it is resumed.
    pub(super) fn decided<T: Serialize + DeserializeOwned>(
        &self,
        name: &str,
        decide: impl FnOnce() -> T,
    ) -> T {
        let Some(journal) = &self.journal else {
            return decide();
        };
        if let Some(Entry::Read(decided, _)) = journal.find(name) {
            return decided;
        }
        let entry = Entry::Read(decide(), None);
        journal.keep(name, &entry);
        match entry {
            Entry::Read(decided, _) => decided,
            Entry::Failed(_) => unreachable!("it was just made"),
        }
    }

    /// The address of the next page. A token goes nowhere but to the resource
    /// manager.
    fn follow(&self, next: &str) -> Result<Url, Failure> {
        let elsewhere = || {
            let words = "the next page of this list is not at the resource manager";
            Failure::new(Reason::BadAnswer, words)
        };
        let url = Url::parse(next).map_err(|_| elsewhere())?;
        let same = url.origin() == self.arm.origin() && url.username().is_empty();
        if same { Ok(url) } else { Err(elsewhere()) }
    }
}

fn digest<F: Serialize>(page: &F) -> [u8; 32] {
    let text = serde_json::to_vec(page).unwrap_or_default();
    Sha256::digest(&text).into()
}
