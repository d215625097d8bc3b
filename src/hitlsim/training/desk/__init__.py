"""The desk people practise at: what is shown, what is asked, and the widget that shows it."""
