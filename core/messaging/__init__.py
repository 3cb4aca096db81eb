"""站内信 and 通知公告: what a message is, what people read of both, and a notice as it is drafted."""
