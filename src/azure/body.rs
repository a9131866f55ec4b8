//! The body of an answer: bounded, and zeroed when it has been read.

use reqwest::Response;
use zeroize::{Zeroize, Zeroizing};

/// Why there is no body.
#[derive(Debug)]
pub(super) enum BodyError {
    /// It is longer than what a sweep takes.
    TooLong,
    /// The connection ended before it did, or it cannot be decompressed.
    Broken,
}

/// Reads the body, `limit` bytes at most, decompressed.
pub(super) async fn read(
    mut response: Response,
    limit: usize,
) -> Result<Zeroizing<Vec<u8>>, BodyError> {
    let announced = response.content_length().unwrap_or(0);
    let announced = usize::try_from(announced).unwrap_or(usize::MAX);
    if announced > limit {
        return Err(BodyError::TooLong);
    }
    let mut body = Zeroizing::new(Vec::with_capacity(announced));
    while let Some(chunk) = response.chunk().await.map_err(|_| BodyError::Broken)? {
        if body.len() + chunk.len() > limit {
            return Err(BodyError::TooLong);
        }
        append(&mut body, &chunk);
        // Ours alone when it was decompressed: the rest belongs to the
        // connection, which writes over it with the next answer.
        if let Ok(mut owned) = chunk.try_into_mut() {
            owned.as_mut().zeroize();
        }
    }
    Ok(body)
}

/// Appends without leaving a copy behind where the buffer was.
fn append(body: &mut Zeroizing<Vec<u8>>, chunk: &[u8]) {
    let needed = body.len() + chunk.len();
    if needed > body.capacity() {
        let mut larger = Vec::with_capacity(needed.max(2 * body.capacity()));
        larger.extend_from_slice(body);
        *body = Zeroizing::new(larger);
    }
    body.extend_from_slice(chunk);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_into_a_buffer_of_its_own() {
        let mut body = Zeroizing::new(Vec::new());
        for chunk in [&b"one"[..], b"", b"two", &[b'x'; 1000]] {
            append(&mut body, chunk);
        }
        assert_eq!(&body[..6], b"onetwo");
        assert_eq!(body.len(), 1006);
    }
}
