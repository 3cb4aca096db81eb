"""站内信 and 通知公告: what people read of them, and a notice as it is drafted."""
