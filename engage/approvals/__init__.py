"""Who must approve a reply before it goes out, and what approvers do with drafts."""
