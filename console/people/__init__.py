"""Who signs in, with which role, and what that lets them do."""
