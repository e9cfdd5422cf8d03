"""What happens after the answer: jobs are claimed, letters are written and sent, ideas ranked."""
