"""What every domain shares: words, dictionaries, typed values, parameters, errors, paging."""
