"""What pages share: forms drawn from models, formats, charts, check lists."""
