"""What is read of tasks: views are frozen values, all else draws them."""
