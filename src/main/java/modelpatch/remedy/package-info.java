/** What helps a model without being a permanent edit, and all remedies side by side. */
package modelpatch.remedy;
