/** From failures that were found to patches that hold: plans are drawn up, searched, tried, judged against controls, and cases selected. */
package modelpatch.repair;
